import type { Bytes } from '@latchkey/core'
import { expect, test } from 'vitest'
import { BodyReader } from '../src/body-reader.js'

/** A body that takes its steps when it is asked, one after the other. */
function bodyOf(...steps: readonly (() => Uint8Array | null)[]): Bytes {
  let next = 0
  return {
    [Symbol.asyncIterator]: () => ({
      next() {
        const value = steps[next++]?.() ?? null
        return Promise.resolve(value === null ? { done: true, value: undefined } : { done: false, value })
      },
    }),
  }
}

const fail = (): never => {
  throw new TypeError('no promise')
}

test('empty chunks are passed over, and at the end there is none', async () => {
  const empty = () => new Uint8Array()
  const reader = new BodyReader(
    bodyOf(empty, () => Buffer.from('a'), empty, empty),
    undefined,
  )
  expect(await reader.next()).toEqual(Buffer.from('a'))
  expect(await reader.next()).toBeNull()
})

test('what a body throws rather than rejects with comes out unchanged, also behind an empty chunk', async () => {
  for (const steps of [[fail], [() => new Uint8Array(), fail]]) {
    await expect(new BodyReader(bodyOf(...steps), undefined).next()).rejects.toThrow('no promise')
  }
})

test('what is no chunk of bytes, or one too large, is refused', async () => {
  const text = () => 'text' as unknown as Uint8Array
  await expect(new BodyReader(bodyOf(text), undefined).next()).rejects.toThrow(TypeError)
  const four = () => Buffer.alloc(4)
  await expect(new BodyReader(bodyOf(four), undefined, 3).next()).rejects.toMatchObject({ code: 'too_large' })
})

test('a failure ends the wait for a chunk, and every later one', async () => {
  const reader = new BodyReader(
    { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) },
    undefined,
  )
  const waiting = reader.next()
  reader.fail(new Error('the disk'))
  reader.fail(new Error('later'))
  await expect(waiting).rejects.toThrow('the disk')
  await expect(reader.next()).rejects.toThrow('the disk')
})
