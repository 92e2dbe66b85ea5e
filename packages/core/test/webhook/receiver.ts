import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'
import type { CompletedUpload, UploadWebhook, UploadWebhookOptions } from '../../src/index.js'
import { uploadWebhook } from '../../src/index.js'

export const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

export const UPLOAD: CompletedUpload = {
  key: 'dir/ä.txt',
  size: 4,
  etag: '"v1"',
  digest: { algorithm: 'sha-256', hex: '00', base64: 'AA==' },
  contentType: 'text/plain',
  visibility: 'private',
  payload: '{"user":7}',
  created: true,
}

/** A message as it came. */
interface Received {
  readonly method: string | undefined
  readonly headers: Record<string, string>
  readonly body: string
  /** Milliseconds. */
  readonly at: number
}

/** A service that gets messages. */
export interface Receiver {
  readonly url: string
  readonly received: Received[]
}

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** Starts a service that answers as told; closed after the test. */
export async function receiver(
  answer: (response: ServerResponse, nth: number) => void = (response) => response.writeHead(204).end(),
): Promise<Receiver> {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    )
    received.push({
      method: request.method,
      headers,
      body: Buffer.concat(chunks).toString(),
      at: Date.now(),
    })
    answer(response, received.length)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, received }
}

/** A webhook that tries quickly, and what it gave up. */
export function webhookTo(
  url: string,
  options: Partial<UploadWebhookOptions> = {},
): { readonly webhook: UploadWebhook; readonly failures: string[] } {
  const failures: string[] = []
  const onFailure = (error: unknown, { key }: CompletedUpload) => failures.push(`${key}: ${error}`)
  const webhook = uploadWebhook({ url, secret: SECRET, backoff: 20, onFailure, ...options })
  closing.push(() => webhook.close())
  return { webhook, failures }
}
