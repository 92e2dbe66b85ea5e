import assert from 'node:assert/strict'
import { LatchkeyError, type StoredObject } from '@latchkey/core'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import { get, head, patternBytes, pause, readUrl, requestHead, targetOf } from '../http-cases/exchange.js'
import { assertProblem, assertWhole } from '../http-cases/expect.js'
import { altered } from '../http-cases/faulty-storage.js'
import { RawConnection } from '../http-cases/raw-connection.js'
import { limitCase } from './case-ledger.js'

const TEXT = 'some text'

/** The same context over a storage whose objects are opened by `open`. */
function opening(
  context: HttpCaseContext,
  open: (key: string) => Promise<StoredObject | null>,
  more: Parameters<HttpCaseContext['serve']>[0],
): Promise<HttpCaseContext> {
  return context.serve({ storage: altered(context.driver, { open }), ...more })
}

/** Ledgers that fail, storages that fail, and clients that go. */
export const faultCases: readonly HttpCase[] = [
  limitCase(
    'where the ledger fails nothing is sent, and the storage is not asked',
    async (context, ledger, faults) => {
      await context.put('a.txt', TEXT)
      const open = async () => assert.fail('the storage was asked')
      const deaf = await opening(context, open, { ledger })
      const url = await readUrl(context, 'a.txt', { maxDownloads: 1 })
      const broken = async () => {
        throw new Error('ECONNREFUSED db.internal')
      }
      ledger.onClaim = broken
      ledger.onIsSpent = broken
      const reply = await get(deaf, url)
      assertProblem(reply, 503, 'ledger_unavailable')
      assert.ok(!reply.body.includes('db.internal'))
      assert.ok(Number(reply.headers['retry-after']) >= 1)
      assert.equal((await head(deaf, url)).status, 503)
      assert.equal(faults.length, 2)
      assert.ok(faults[0] instanceof LatchkeyError && faults[0].cause instanceof Error)
    },
  ),
  limitCase(
    'a ledger that does not answer is given up, and a late claim is given back',
    async (context, ledger) => {
      await context.put('a.txt', TEXT)
      const url = await readUrl(context, 'a.txt', { maxDownloads: 1 })
      let answer = (): void => {}
      ledger.onClaim = () => new Promise((resolve) => (answer = resolve))
      const started = Date.now()
      assertProblem(await get(context, url), 503, 'ledger_unavailable')
      assert.ok(Date.now() - started < 15_000)
      answer()
      ledger.onClaim = async () => {}
      await pause(20)
      await ledger.assertUsed(0)
      assertWhole(await get(context, url), TEXT)
    },
  ),
  limitCase('a storage that fails before the first byte gives the download back', async (context, ledger) => {
    await context.put('a.txt', TEXT)
    const url = await readUrl(context, 'a.txt', { maxDownloads: 1 })
    const down = async () => {
      throw new LatchkeyError('storage_unavailable', 'down')
    }
    const onError = (): void => {}
    const closed = await opening(context, down, { ledger, onError })
    assertProblem(await get(closed, url), 503, 'storage_unavailable')
    const unreadable = await opening(
      context,
      async (key) => {
        const object = await context.driver.open(key)
        return object && { stat: object.stat, read: down, close: () => object.close() }
      },
      { ledger, onError },
    )
    assertProblem(await get(unreadable, url), 503, 'storage_unavailable')
    assert.equal(ledger.total, 0)
    assertWhole(await get(context, url), TEXT)
  }),
  limitCase('a body that breaks before its first byte gives the download back', async (context, ledger) => {
    const bytes = patternBytes(200_000)
    await context.put('big.bin', bytes)
    const url = await readUrl(context, 'big.bin', { maxDownloads: 1 })
    const broken = await opening(
      context,
      async (key) => {
        const object = await context.driver.open(key)
        if (object === null) return null
        const nothing = (): AsyncIterable<Uint8Array> => ({
          [Symbol.asyncIterator]: () => ({
            async next() {
              await object.close()
              throw new Error('the disk is gone')
            },
          }),
        })
        return { stat: object.stat, read: nothing, close: () => object.close() }
      },
      { ledger, onError: () => {} },
    )
    const reply = await get(broken, url).catch(() => undefined)
    assert.ok(
      reply === undefined || !reply.complete || reply.status >= 500,
      'a broken body passed for a whole one',
    )
    await ledger.assertUsed(0)
    assertWhole(await get(context, url), bytes)
  }),
  limitCase('a client that goes before the first byte gets its download back', async (context, ledger) => {
    const bytes = patternBytes(200_000)
    await context.put('big.bin', bytes)
    const url = await readUrl(context, 'big.bin', { maxDownloads: 1 })
    let opened = (): void => {}
    const asked = new Promise<void>((resolve) => (opened = resolve))
    let goOn = (): void => {}
    const gone = new Promise<void>((resolve) => (goOn = resolve))
    const slow = await opening(
      context,
      async (key) => {
        opened()
        await gone
        return context.driver.open(key)
      },
      { ledger },
    )
    const connection = await RawConnection.open(slow.origin)
    await connection.write(requestHead('GET', targetOf(url), []))
    await asked
    assert.equal(ledger.total, 1)
    connection.reset()
    await pause(50)
    // On a busy machine the timer comes before the server has looked at the connection: let it look.
    for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve))
    goOn()
    await ledger.assertUsed(0)
    assertWhole(await get(context, url), bytes)
  }),
  limitCase('a client that goes in the middle has had its download', async (context, ledger) => {
    await context.put('big.bin', patternBytes(8 * 1024 * 1024))
    const url = await readUrl(context, 'big.bin', { maxDownloads: 1 })
    const connection = await RawConnection.open(context.origin)
    await connection.write(requestHead('GET', targetOf(url), []))
    while (!connection.hasUnread) await pause(5)
    connection.reset()
    await pause(100)
    assertProblem(await get(context, url), 403, 'exhausted')
    assert.equal(ledger.total, 1)
  }),
  limitCase(
    'a claim whose answer is lost after it was granted is given back in the background',
    async (context, ledger) => {
      await context.put('a.txt', TEXT)
      const url = await readUrl(context, 'a.txt', { maxDownloads: 1 })
      ledger.onGranted = async () => {
        throw new Error('ECONNRESET')
      }
      assertProblem(await get(context, url), 503, 'ledger_unavailable')
      await ledger.assertUsed(0)
      ledger.onGranted = async () => {}
      assertWhole(await get(context, url), TEXT)
      assertProblem(await get(context, url), 403, 'exhausted')
    },
  ),
  limitCase(
    'a claim whose answer is lost after the request was given up is given back, too',
    async (context, ledger) => {
      await context.put('a.txt', TEXT)
      const url = await readUrl(context, 'a.txt', { maxDownloads: 1 })
      let lose = (): void => {}
      ledger.onGranted = () => new Promise((_, reject) => (lose = () => reject(new Error('ECONNRESET'))))
      assertProblem(await get(context, url), 503, 'ledger_unavailable')
      assert.equal(ledger.total, 1)
      lose()
      await ledger.assertUsed(0)
    },
  ),
  limitCase('a release that fails is tried again in the background', async (context, ledger) => {
    const { stat } = await context.put('a.txt', TEXT)
    const url = await readUrl(context, 'a.txt', { maxDownloads: 1 })
    let failures = 2
    ledger.onRelease = async () => {
      if (failures-- > 0) throw new Error('down')
    }
    assert.equal((await get(context, url, { 'if-none-match': stat.etag })).status, 304)
    await ledger.assertUsed(0)
    assertWhole(await get(context, url), TEXT)
  }),
  limitCase('a release that fails costs the download, not the reply', async (context, ledger, faults) => {
    const { stat } = await context.put('a.txt', TEXT)
    const url = await readUrl(context, 'a.txt', { maxDownloads: 1 })
    ledger.onRelease = async () => {
      throw new Error('down')
    }
    assert.equal((await get(context, url, { 'if-none-match': stat.etag })).status, 304)
    assert.equal(faults.length, 1)
    assertProblem(await get(context, url), 403, 'exhausted')
  }),
]
