import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** An answer of a store in trouble. */
export interface FixedAnswer {
  readonly status: number
  /** The code of S3's error document. */
  readonly code?: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Answers every request as it is told. */
export async function fixedAnswers(answer: (request: IncomingMessage) => FixedAnswer): Promise<string> {
  const server = createServer(async (request, response) => {
    request.resume()
    await once(request, 'end')
    const { status, code, headers, body = code === undefined ? '' : errorDocument(code) } = answer(request)
    response.writeHead(status, { 'content-type': 'application/xml', ...headers })
    response.end(request.method === 'HEAD' ? undefined : body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function errorDocument(code: string): string {
  return `<?xml version="1.0"?><Error><Code>${code}</Code><Message>secret text of the store</Message></Error>`
}
