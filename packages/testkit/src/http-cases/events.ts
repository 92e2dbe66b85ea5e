import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { ServedEvent } from '@latchkey/core'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import { get, head, patternBytes, pause, readUrl, requestHead, targetOf } from './exchange.js'
import { assertWhole } from './expect.js'
import { RawConnection } from './raw-connection.js'

const PATIENCE_MS = 8_000
const OBJECT = patternBytes(16 * 1024 * 1024)

/** Runs an action, and gives what was told of reading a key, as soon as that is so many events. */
async function servedEvents(
  key: string,
  count: number,
  act: () => Promise<unknown>,
): Promise<readonly ServedEvent[]> {
  const events: ServedEvent[] = []
  const listen = (message: unknown): void => {
    const event = message as ServedEvent
    if (event.key === key) events.push(event)
  }
  subscribe('latchkey:served', listen)
  try {
    await act()
    const deadline = Date.now() + PATIENCE_MS
    while (events.length < count && Date.now() < deadline) await pause(5)
    // One too many would come soon.
    await pause(20)
  } finally {
    unsubscribe('latchkey:served', listen)
  }
  assert.equal(events.length, count)
  return events
}

/** What the diagnostics channel tells of replies that went over a connection. */
export const eventCases: readonly HttpCase[] = [
  {
    name: 'events: a download that was sent whole is told of with its bytes, a HEAD with none',
    async run(context) {
      const key = `${randomUUID()}.bin`
      await context.put(key, OBJECT)
      const url = await readUrl(context, key)
      const events = await servedEvents(key, 2, async () => {
        assertWhole(await get(context, url), OBJECT)
        assert.equal((await head(context, url)).status, 200)
      })
      assert.deepEqual(
        events.map(({ method, bytes, complete }) => [method, bytes, complete]),
        [
          ['GET', OBJECT.byteLength, true],
          ['HEAD', 0, true],
        ],
      )
    },
  },
  ...(['destroy', 'reset'] as const).map(
    (end): HttpCase => ({
      name: `events: a client that goes away in the middle of a download is told of (${end})`,
      async run(context) {
        const key = `${randomUUID()}.bin`
        await context.put(key, OBJECT)
        const target = targetOf(await readUrl(context, key))
        const [event] = await servedEvents(key, 1, async () => {
          const connection = await RawConnection.open(context.origin)
          connection.pause()
          await connection.write(requestHead('GET', target, []))
          await pause(50)
          connection[end]()
        })
        // One that comes as a single array has been handed over before anybody can go.
        const isOneArray = await comesAsOneArray(context, key)
        assert.equal(event?.complete, isOneArray)
        assert.ok(isOneArray || event.bytes < OBJECT.byteLength, `${event.bytes} bytes`)
      },
    }),
  ),
]

async function comesAsOneArray({ driver }: HttpCaseContext, key: string): Promise<boolean> {
  const bytes = await (await driver.open(key))?.read()
  if (bytes === undefined || bytes instanceof Uint8Array) return true
  await bytes[Symbol.asyncIterator]().return?.()
  return false
}
