import type { Request, RequestHandler, Response } from 'express'

/** A request that reached the server, as the tests count them. */
export interface SeenRequest {
  /** `mint`, `begin`, `refresh`, `put`, `part 3`, `sign 3`, `list`, `complete`, `abort`, or the method. */
  readonly what: string
  /** Of the answer; 0 where the connection broke first. */
  status: number
  /** Bytes of the body, as announced. */
  readonly bytes: number
}

/** Spoils a request; `false` lets it pass. */
export type Fault = (what: string, request: Request, response: Response) => boolean | Promise<boolean>

/** Notes every request to the mount, and spoils those that the faults choose. */
export function watched(seen: SeenRequest[], faults: Fault[]): RequestHandler {
  return async (request, response, next) => {
    const entry: SeenRequest = {
      what: kindOf(request),
      status: 0,
      bytes: Number(request.headers['content-length'] ?? 0),
    }
    if (request.method !== 'OPTIONS') seen.push(entry)
    response.on('finish', () => {
      entry.status = response.statusCode
    })
    for (const fault of faults) if (await fault(entry.what, request, response)) return
    next()
  }
}

function kindOf({ method, url }: Request): string {
  const { pathname, searchParams } = new URL(url, 'http://test')
  if (pathname === '/signed-uploads') return 'mint'
  if (!searchParams.has('uploadId')) return method.toLowerCase()
  if (method === 'POST' && searchParams.has('partNumber')) return `sign ${searchParams.get('partNumber')}`
  if (method === 'PUT') return `part ${searchParams.get('partNumber')}`
  return { GET: 'list', POST: 'complete', DELETE: 'abort' }[method] ?? method
}

/** Answers so many requests of a kind with a status instead. */
export function answering(
  kind: RegExp,
  times: number,
  status: number,
  headers: Record<string, string> = {},
): Fault {
  let left = times
  return (what, request, response) => {
    if (!kind.test(what) || left === 0) return false
    left--
    // Read first, so that the answer is not lost with the connection.
    request.resume().on('end', () => response.set(headers).status(status).end('<html>not Latchkey</html>'))
    return true
  }
}

/** Breaks the connection of so many requests of a kind while their body is coming in. */
export function killing(kind: RegExp, times: number, afterBytes: number): Fault {
  let left = times
  return (what, request) => {
    if (!kind.test(what) || left === 0) return false
    left--
    const { socket } = request
    const before = socket.bytesRead
    const timer = setInterval(() => {
      if (socket.bytesRead - before < afterBytes && !socket.destroyed) return
      clearInterval(timer)
      socket.destroy()
    }, 1)
    return false
  }
}

/** Lets so many requests of a kind be answered, and breaks the connection instead of sending the answer. */
export function losingAnswers(kind: RegExp, times: number): Fault {
  let left = times
  return (what, request, response) => {
    if (!kind.test(what) || left === 0) return false
    left--
    response.writeHead = () => {
      request.socket.destroy()
      return response
    }
    return false
  }
}

/** Holds requests of a kind up until they are let go. */
export function holding(kind: RegExp): {
  readonly fault: Fault
  release(): void
  readonly held: Promise<void>
} {
  let release = () => {}
  let arrived = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const held = new Promise<void>((resolve) => {
    arrived = resolve
  })
  return {
    release: () => release(),
    held,
    async fault(what) {
      if (kind.test(what)) {
        arrived()
        await released
      }
      return false
    },
  }
}
