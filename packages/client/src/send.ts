import { type Answer, succeeded } from './answer.js'
import { UploadError } from './upload-error.js'

/** A request. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Blob | string
  readonly signal?: AbortSignal
  /** Told how many bytes of the body went out. */
  readonly onSent?: (bytes: number) => void
}

/**
 * Sends a request.
 *
 * @throws UploadError `network`, also where the signal was aborted; what the server refuses with
 */
export async function send(call: Call): Promise<Answer> {
  // fetch tells nothing of what it has sent, and Node has nothing else.
  const tells = call.onSent !== undefined && typeof XMLHttpRequest === 'function'
  return succeeded(await (tells ? sendByXhr(call) : sendByFetch(call)))
}

const ACCEPT = { accept: 'application/json' }

async function sendByFetch({ url, method, headers, body, signal, onSent }: Call): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method,
      headers: { ...ACCEPT, ...headers },
      body: body ?? null,
      signal: signal ?? null,
    })
    const text = await response.text()
    if (response.ok && body instanceof Blob) onSent?.(body.size)
    return { status: response.status, url: response.url, text, header: (name) => response.headers.get(name) }
  } catch (cause) {
    throw unanswered(cause)
  }
}

function sendByXhr({ url, method, headers, body, signal, onSent }: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const stop = () => request.abort()
    request.open(method, url)
    for (const [name, value] of Object.entries({ ...ACCEPT, ...headers })) {
      request.setRequestHeader(name, value)
    }
    request.upload.onprogress = ({ loaded }) => onSent?.(loaded)
    request.onload = () => {
      const { status, responseURL, responseText: text } = request
      resolve({ status, url: responseURL, text, header: (name) => request.getResponseHeader(name) })
    }
    request.onerror = request.onabort = () => reject(unanswered())
    request.onloadend = () => signal?.removeEventListener('abort', stop)
    signal?.addEventListener('abort', stop)
    if (signal?.aborted) reject(unanswered())
    else request.send(body)
  })
}

function unanswered(cause?: unknown): UploadError {
  return new UploadError('network', 'The server could not be reached, or the connection broke.', { cause })
}
