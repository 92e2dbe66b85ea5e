import type { ByteRange, StorageDriver, WriteOptions, WriteResult } from '@latchkey/core'

const PRIVATE: WriteOptions = { contentType: 'text/plain', visibility: 'private' }

/** Stores a text. */
export function writeText(
  driver: StorageDriver,
  key: string,
  text: string,
  options: Partial<WriteOptions> = {},
): Promise<WriteResult> {
  async function* body() {
    yield Buffer.from(text)
  }
  return driver.write(key, body(), { ...PRIVATE, ...options })
}

/** Reads a text, or a part of it; `null` where there is none. */
export async function readText(
  driver: StorageDriver,
  key: string,
  range?: ByteRange,
): Promise<string | null> {
  const object = await driver.open(key)
  if (object === null) return null
  const body = await object.read(range)
  if (body instanceof Uint8Array) return Buffer.from(body).toString()
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
