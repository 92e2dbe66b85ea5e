import { expect, test } from 'vitest'
import { SharedBytes } from '../src/index.js'

const TEXT = 'what others read, too'

async function chunksOf(body: SharedBytes): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return chunks
}

test('whoever goes through shared bytes, or asks for a copy, has one of its own', async () => {
  const memory = Buffer.from(TEXT)
  const shared = new SharedBytes(memory)
  expect(shared.byteLength).toBe(TEXT.length)
  for (const own of [shared.copy(), ...(await chunksOf(shared)), ...(await chunksOf(shared))]) {
    expect(Buffer.from(own).toString()).toBe(TEXT)
    own.fill(0)
  }
  expect(memory.toString()).toBe(TEXT)
})

test('a part of a memory is copied as that part', () => {
  const shared = new SharedBytes(new Uint8Array(Buffer.from(TEXT)).subarray(5, 11))
  expect(Buffer.from(shared.copy()).toString()).toBe('others')
})

test('the memory itself is lent to whoever asks for it', () => {
  const memory = new Uint8Array(3)
  expect(new SharedBytes(memory).lend()).toBe(memory)
})

test('no bytes are no chunk', async () => {
  expect(await chunksOf(new SharedBytes(new Uint8Array(0)))).toEqual([])
})

test('what is released is told of once, and is nobody’s to ask for any more', async () => {
  let releases = 0
  const shared = new SharedBytes(Buffer.from(TEXT), () => releases++)
  expect(shared.isReusable).toBe(true)
  const own = shared.copy()
  shared.release()
  shared.release()
  expect(releases).toBe(1)
  expect(() => shared.lend()).toThrow('released')
  expect(() => shared.copy()).toThrow('released')
  await expect(chunksOf(shared)).rejects.toThrow('released')
  expect(Buffer.from(own).toString()).toBe(TEXT)
  expect(shared.byteLength).toBe(TEXT.length)
})

test('what nobody wants back stays as it is', () => {
  const shared = new SharedBytes(Buffer.from(TEXT))
  expect(shared.isReusable).toBe(false)
  shared.release()
  expect(Buffer.from(shared.copy()).toString()).toBe(TEXT)
})
