import { memoryDriver } from '../../../drivers/src/memory/index.js'
import { createLatchkey, type Latchkey, type LatchkeyOptions, type UploadOptions } from '../../src/index.js'

/** A reply with its body read. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: what JSON is parsed to, in tests
  readonly json: any
}

/** A Latchkey over an empty memory, and how to upload to it. */
export interface Mount {
  readonly files: Latchkey
  put(key: string, text: string, options?: UploadOptions): Promise<Answer>
}

export async function mountOver(options: Partial<LatchkeyOptions> = {}): Promise<Mount> {
  const files = createLatchkey({
    baseUrl: 'https://app.example.com/files',
    keys: [{ id: 'k1', secret: 's'.repeat(32) }],
    storage: memoryDriver(),
    ...options,
  })
  return {
    files,
    async put(key, text, uploadOptions) {
      const { url } = await files.signedUploadUrl(key, uploadOptions)
      return sendJson(files, 'PUT', url.slice('https://app.example.com/files'.length), text)
    },
  }
}

/** Sends a request straight to the Latchkey; `accept` is JSON unless told. */
export async function sendJson(
  files: Latchkey,
  method: string,
  path: string,
  text?: string,
  accept = 'application/json',
): Promise<Answer> {
  async function* body(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(text ?? '')
  }
  const fields: Record<string, string> = { accept }
  const request = {
    method,
    path,
    header: (name: string) => fields[name],
    body: text === undefined ? null : body(),
    bodyAlreadyRead: false,
  }
  const reply = await files.handle(request)
  const answer = typeof reply.body === 'string' ? reply.body : ''
  const isJson = reply.headers['content-type']?.includes('json') ?? false
  return {
    status: reply.status,
    headers: reply.headers,
    text: answer,
    json: isJson && answer !== '' ? JSON.parse(answer) : undefined,
  }
}
