import assert from 'node:assert/strict'
import type { ByteRange, Bytes, StorageDriver } from '@latchkey/core'
import type { HttpCase } from '../http-case.js'
import { patternBytes, readUrl, requestHead, targetOf } from './exchange.js'
import { altered } from './faulty-storage.js'
import { assertHushed, HUSH, QUIET } from './hushed.js'
import { RawConnection } from './raw-connection.js'

const KEY = 'a.bin'
const OBJECT = patternBytes(300_000)

/** A storage whose objects turn out different while they are read. */
function reading(driver: StorageDriver, alter: (bytes: Bytes) => AsyncGenerator<Uint8Array>): StorageDriver {
  return altered(driver, {
    open: async (key) => {
      const object = await driver.open(key)
      if (object === null) return null
      const read = async (range?: ByteRange): Promise<Bytes> => {
        const bytes = await object.read(range)
        return alter(bytes instanceof Uint8Array ? one(bytes) : bytes)
      }
      return { stat: object.stat, read, close: () => object.close() }
    },
  })
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function* firstPart(bytes: Bytes): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    yield chunk.subarray(0, 1000)
    return
  }
}

async function* thenBroken(bytes: Bytes): AsyncGenerator<Uint8Array> {
  yield* firstPart(bytes)
  throw new Error(HUSH)
}

/** A generator that was never begun does not close what it reads from; an object's body must. */
function released(bytes: Bytes, altered: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  let begun = false
  const next = altered.next.bind(altered)
  const end = altered.return.bind(altered)
  return Object.assign(altered, {
    next() {
      begun = true
      return next()
    },
    async return(value?: unknown) {
      if (!begun) await bytes[Symbol.asyncIterator]().return?.()
      return end(value)
    },
  })
}

async function* withMore(bytes: Bytes): AsyncGenerator<Uint8Array> {
  yield* bytes
  yield patternBytes(1000)
}

/** Objects that turn out other than their stat said, once the header is sent. */
export const brokenObjectCases: readonly HttpCase[] = [
  ...(
    [
      ['is cut short while it is sent', firstPart],
      ['fails while it is sent', thenBroken],
    ] as const
  ).map(
    ([name, alter]): HttpCase => ({
      name: `an object that ${name} breaks the connection`,
      options: QUIET,
      storage: (driver) => reading(driver, (bytes) => released(bytes, alter(bytes))),
      async run(context) {
        await context.put(KEY, OBJECT)
        const connection = await RawConnection.open(context.origin)
        const head = requestHead('GET', targetOf(await readUrl(context, KEY)), [])
        // Were the connection kept, the second answer would become a part of the first object.
        await connection.write(head + head)
        // A host that destroys the socket at once may take the header along, which tells no less that it broke.
        const reply = await connection.reply().catch(() => undefined)
        if (reply === undefined) {
          assert.ok(connection.isOver, 'neither a reply nor the end of the connection')
          return
        }
        assert.equal(reply.status, 200)
        assert.equal(reply.headers['content-length'], String(OBJECT.byteLength))
        assert.equal(reply.complete, false)
        assert.ok(
          OBJECT.subarray(0, 1000).equals(reply.body.subarray(0, 1000)) || reply.body.byteLength === 0,
        )
        assert.ok(reply.body.byteLength <= 1000, `${reply.body.byteLength} bytes came, of 1000`)
        assertHushed(reply.body.toString('latin1'))
        assert.equal((await connection.rest())?.toString('latin1'), '')
        connection.destroy()
      },
    }),
  ),
  {
    name: 'an object that is longer than its storage said never runs over its length',
    options: QUIET,
    storage: (driver) => reading(driver, withMore),
    async run(context) {
      await context.put(KEY, OBJECT)
      const connection = await RawConnection.open(context.origin)
      await connection.write(requestHead('GET', targetOf(await readUrl(context, KEY)), []))
      const reply = await connection.reply()
      assert.ok(OBJECT.subarray(0, reply.body.byteLength).equals(reply.body))
      assert.equal((await connection.rest(300))?.byteLength ?? 0, 0)
      connection.destroy()
    },
  },
]
