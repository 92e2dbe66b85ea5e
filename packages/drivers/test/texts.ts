import type { StorageDriver, WriteOptions, WriteResult } from '@latchkey/core'

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

/** Reads a text; `null` where there is none. */
export async function readText(driver: StorageDriver, key: string): Promise<string | null> {
  const object = await driver.open(key)
  if (object === null) return null
  const body = await object.read()
  if (body instanceof Uint8Array) return Buffer.from(body).toString()
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
