import assert from 'node:assert/strict'
import { assertNothingLeft, type HttpCase } from '../http-case.js'
import { get, patternBytes, pause, readUrl, requestHead, targetOf } from './exchange.js'
import { assertWhole } from './expect.js'
import { altered } from './faulty-storage.js'
import { RawConnection } from './raw-connection.js'

const KEY = 'big.bin'
const OBJECT = patternBytes(16 * 1024 * 1024)

/** Clients that go away. `leftovers` sees handles that stay open. */
export const disconnectCases: readonly HttpCase[] = [
  ...(['destroy', 'reset'] as const).map(
    (end): HttpCase => ({
      name: `a client that goes away in the middle of a download leaves no handle open (${end})`,
      async run(context) {
        await context.put(KEY, OBJECT)
        const target = targetOf(await readUrl(context, KEY))
        for (const fields of [[], ['Range: bytes=1000-']]) {
          const connection = await RawConnection.open(context.origin)
          await connection.write(requestHead('GET', target, fields))
          await pause(10)
          connection.pause()
          await pause(20)
          connection[end]()
        }
        await assertNothingLeft(context)
        assertWhole(await get(context, target), OBJECT)
      },
    }),
  ),
  {
    name: 'a client that goes away while its object is being opened leaves no handle open',
    storage: (driver) =>
      altered(driver, {
        open: async (key) => {
          const object = await driver.open(key)
          await pause(100)
          return object
        },
      }),
    async run(context) {
      await context.put(KEY, OBJECT)
      await context.put('small.bin', 'small')
      for (const key of [KEY, 'small.bin']) {
        const connection = await RawConnection.open(context.origin)
        await connection.write(requestHead('GET', targetOf(await readUrl(context, key)), []))
        await pause(30)
        connection.reset()
      }
      await pause(150)
      await assertNothingLeft(context)
      assertWhole(await get(context, await readUrl(context, 'small.bin')), 'small')
    },
  },
  {
    name: 'replies without a body leave no handle open',
    async run(context) {
      const { stat } = await context.put(KEY, OBJECT)
      const url = await readUrl(context, KEY)
      for (const headers of [
        { 'if-none-match': stat.etag },
        { 'if-match': '"x"' },
        ...(context.driver.capabilities.ranges ? [{ range: 'bytes=99999999-' }] : []),
      ]) {
        assert.ok([304, 412, 416].includes((await get(context, url, headers)).status))
      }
      await assertNothingLeft(context)
    },
  },
  {
    name: 'many downloads at a time are each whole',
    async run(context) {
      const object = OBJECT.subarray(0, 1_000_000)
      await context.put(KEY, object)
      const url = await readUrl(context, KEY)
      for (const reply of await Promise.all(Array.from({ length: 24 }, () => get(context, url)))) {
        assertWhole(reply, object)
      }
    },
  },
]
