import type { Bytes, ObjectStat, StorageDriver } from '@latchkey/core'
import { expect } from 'vitest'

export const MIB = 1024 ** 2
export const PRIVATE = { contentType: 'text/plain', visibility: 'private' } as const
export const CREATE_ONLY = { ...PRIVATE, precondition: { type: 'absent' } } as const

/** A body of `size` bytes in chunks; `at` is called before each with the bytes that went before. */
export async function* bodyOf(
  size: number,
  { byte = 1, at = async (_sent: number) => {} } = {},
): AsyncGenerator<Uint8Array> {
  for (let sent = 0; sent < size; sent += MIB / 4) {
    await at(sent)
    yield new Uint8Array(Math.min(MIB / 4, size - sent)).fill(byte)
  }
}

/** The body of an object that is too large to come as one array. */
export async function bodyIn(driver: StorageDriver, key: string): Promise<Bytes> {
  const body = await (await driver.open(key))?.read()
  if (body === undefined || body instanceof Uint8Array) throw new Error(`${key} is not there, or small`)
  return body
}

/** The size of an object as it is read, and the one byte that all of it has. */
export async function readAll(driver: StorageDriver, key: string): Promise<{ size: number; byte: number }> {
  const object = await driver.open(key)
  if (object === null) throw new Error(`${key} is not there`)
  const body: Bytes | Uint8Array = await object.read()
  let size = 0
  const seen = new Set<number>()
  for await (const chunk of body instanceof Uint8Array ? [body] : body) {
    size += chunk.byteLength
    for (const value of new Set(chunk)) seen.add(value)
  }
  expect(seen.size).toBeLessThanOrEqual(1)
  return { size, byte: [...seen][0] ?? -1 }
}

/** What is there once it is there; the store may still be coming back. */
export async function statSoon(driver: StorageDriver, key: string): Promise<ObjectStat | null> {
  for (let turn = 0; ; turn++) {
    try {
      return await driver.stat(key)
    } catch (error) {
      if (turn === 100) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}
