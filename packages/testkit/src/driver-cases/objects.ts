import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type ByteRange,
  type Bytes,
  type LatchkeyErrorCode,
  type ObjectStat,
  RELEASE,
  type StorageDriver,
  type StoredObject,
  type WriteOptions,
  type WriteResult,
} from '@latchkey/core'
import type { DriverCaseContext } from '../driver-case.js'

export const PRIVATE: WriteOptions = { contentType: 'application/octet-stream', visibility: 'private' }
export const CREATE_ONLY: WriteOptions = { ...PRIVATE, precondition: { type: 'absent' } }

/** The options of a write that replaces exactly this version. */
export function replacing(...etags: string[]): WriteOptions {
  return { ...PRIVATE, precondition: { type: 'match', etags } }
}

/** Bytes that differ at every place and by seed, so that a chunk out of order or of another version shows. */
export function bytesOf(size: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(size)
  let state = (seed * 2_654_435_761) >>> 0
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[at] = state >>> 24
  }
  return bytes
}

/** A body in chunks of the given sizes, taken in turn. */
export async function* bodyOf(content: Uint8Array | string, ...sizes: number[]): AsyncGenerator<Uint8Array> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  for (let at = 0, turn = 0; at < bytes.byteLength; turn++) {
    const size = sizes[turn % sizes.length] ?? bytes.byteLength
    yield bytes.slice(at, at + size)
    at += size
  }
}

/** A body whose chunks are overwritten as soon as they are given back. Each may be, once. */
export function overwrittenBody(content: Uint8Array, ...sizes: number[]): Bytes {
  const given = new Set<Uint8Array>()
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for await (const chunk of bodyOf(content, ...sizes)) {
      given.add(chunk)
      yield chunk
    }
  }
  const iterator = chunks()
  return {
    [Symbol.asyncIterator]: () => iterator,
    [RELEASE](chunk) {
      assert.ok(given.delete(chunk), 'what is given back is a chunk of the body, and not twice')
      chunk.fill(0)
    },
  }
}

export function put(
  driver: StorageDriver,
  key: string,
  content: Uint8Array | string,
  options: WriteOptions = PRIVATE,
): Promise<WriteResult> {
  return driver.write(key, bodyOf(content, 64 * 1024), options)
}

/** The bytes of an object; `null` where there is none. */
export async function get(driver: StorageDriver, key: string, range?: ByteRange): Promise<Uint8Array | null> {
  const object = await driver.open(key)
  return object === null ? null : collect(await object.read(range))
}

/**
 * Opens the current version and reads it. A storage that holds no versions says so where another one came between;
 * then that is read.
 */
export async function readCurrent(
  driver: StorageDriver,
  key: string,
): Promise<{ readonly stat: ObjectStat; readonly bytes: Uint8Array }> {
  for (;;) {
    const object = await open(driver, key)
    try {
      return { stat: object.stat, bytes: await collect(await object.read()) }
    } catch (error) {
      const mayBeGone = driver.capabilities.heldVersions === false
      if (!mayBeGone || (error as { code?: unknown }).code !== 'precondition_failed') throw error
    }
  }
}

export async function open(driver: StorageDriver, key: string): Promise<StoredObject> {
  const object = await driver.open(key)
  assert.ok(object, `${JSON.stringify(key)} is there`)
  return object
}

export async function stat(driver: StorageDriver, key: string): Promise<ObjectStat> {
  const found = await driver.stat(key)
  assert.ok(found, `${JSON.stringify(key)} is there`)
  return found
}

export async function collect(body: Bytes | Uint8Array): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Compares without printing megabytes. */
export function assertBytes(
  actual: Uint8Array | null,
  expected: Uint8Array | string,
  what = 'the bytes',
): void {
  assert.ok(actual !== null, `${what}: there is no object`)
  const wanted = Buffer.from(expected)
  assert.equal(actual.byteLength, wanted.byteLength, `${what}: the length`)
  const first = wanted.findIndex((byte, at) => byte !== actual[at])
  assert.equal(first, -1, `${what} differ from byte ${first} on`)
}

export async function assertFails(promise: Promise<unknown>, ...codes: LatchkeyErrorCode[]): Promise<void> {
  const error = await failureOf(promise)
  const code = (error as { code?: unknown }).code
  assert.ok(
    codes.includes(code as LatchkeyErrorCode),
    `fails as ${codes.join(' or ')}, not with ${String(error)}`,
  )
}

/** What a promise is rejected with. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  const [outcome] = await Promise.allSettled([promise])
  assert.equal(outcome.status, 'rejected', 'it must fail')
  return outcome.status === 'rejected' ? outcome.reason : undefined
}

/** Handles are let go of a moment after the bytes have come, so a driver gets that moment. */
export async function assertNothingLeft(context: DriverCaseContext): Promise<void> {
  let left: readonly string[] = []
  for (let turn = 0; turn < 50; turn++) {
    left = (await context.leftovers?.()) ?? []
    if (left.length === 0) return
    await sleep(20)
  }
  assert.deepEqual(left, [], 'nothing is left behind')
}

/** A body that gives `first`, then waits for `go` before the rest. */
export function slowBody(first: Uint8Array | string, rest: Uint8Array | string) {
  let go = (): void => {}
  let begun = (): void => {}
  const gate = new Promise<void>((resolve) => {
    go = resolve
  })
  const started = new Promise<void>((resolve) => {
    begun = resolve
  })
  async function* body(): AsyncGenerator<Uint8Array> {
    yield* bodyOf(first)
    begun()
    await gate
    yield* bodyOf(rest)
  }
  return { body: body(), started, go }
}
