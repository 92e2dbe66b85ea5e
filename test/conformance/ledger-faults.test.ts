import { setTimeout as sleep } from 'node:timers/promises'
import { createLatchkey, type Ledger } from '@latchkey/core'
import { memoryDriver } from '@latchkey/drivers/memory'
import { CASE_KEY, CASE_MOUNT, type ClientReply, send } from '@latchkey/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { expressHost } from '../hosts/express.js'
import { startProgram } from '../programs/program.js'
import { type LedgerServer, ledgerServers } from './ledger-servers.js'
import { openLedger } from './open-ledger.js'
import { sharedStores } from './shared-stores.js'

const TEXT = 'what is counted'
const LIMIT = 6
/** A request has 2 s for its ledger; the rest is for a busy machine. */
const SOON_MS = 8_000

/** One app that runs through all that happens to its ledger, and what it has served so far. */
async function appOver(ledger: Ledger) {
  const faults: unknown[] = []
  const files = createLatchkey({
    baseUrl: CASE_MOUNT,
    keys: [CASE_KEY],
    storage: memoryDriver(),
    ledger,
    onError: (error) => faults.push(error),
  })
  await files.storage.write('a.txt', bytesOf(TEXT), { contentType: 'text/plain', visibility: 'private' })
  const running = await expressHost.start(files, CASE_MOUNT)
  onTestFinished(() => running.close())
  const { url } = await files.signedUrl('a.txt', { maxDownloads: LIMIT })
  let served = 0
  const ask = async (method = 'GET'): Promise<ClientReply> => {
    const reply = await send(running.origin, url, { method })
    if (method === 'GET' && reply.status === 200) served++
    return reply
  }
  return { ask, faults, served: () => served }
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

/** Asserts that while the ledger gives no answer nothing is sent, soon, and that the app is told why. */
async function assertClosed({ ask, faults }: Awaited<ReturnType<typeof appOver>>): Promise<void> {
  const before = faults.length
  const began = performance.now()
  const replies = await Promise.all(['GET', 'GET', 'GET', 'HEAD'].map((method) => ask(method)))
  expect(performance.now() - began).toBeLessThan(SOON_MS)
  for (const { status, headers, body } of replies) {
    expect(status).toBe(503)
    expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    expect(headers['cache-control']).toBe('no-store')
    expect(body.toString()).not.toContain(TEXT)
  }
  expect(replies.map(({ body }) => body.length > 0 && JSON.parse(body.toString()).code)).toEqual([
    ...Array(3).fill('ledger_unavailable'),
    false,
  ])
  expect(faults.length).toBeGreaterThanOrEqual(before + 4)
}

/** Asserts that the app serves again, by itself. */
async function assertServesAgain({ ask }: Awaited<ReturnType<typeof appOver>>): Promise<void> {
  let reply = await ask()
  for (let tries = 0; reply.status === 503 && tries < 100; tries++) {
    await sleep(100)
    reply = await ask()
  }
  expect([reply.status, reply.body.toString()]).toEqual([200, TEXT])
}

/** Serves what is left: no more than the limit in all. */
async function assertNeverMore({ ask, served }: Awaited<ReturnType<typeof appOver>>): Promise<void> {
  for (let more = 0; more < LIMIT; more++) await ask()
  expect((await ask()).status).toBe(403)
  expect(served()).toBeLessThanOrEqual(LIMIT)
}

async function openFor(name: string, { engine, addressOn }: LedgerServer): Promise<Ledger> {
  const { ledger, close } = await openLedger(name, await addressOn(engine().url))
  onTestFinished(close)
  return ledger
}

for (const [name, useServer] of Object.entries(ledgerServers)) {
  describe(`an app whose ledger goes and comes back: ${name}`, { timeout: 120_000 }, () => {
    const server = useServer()
    const { engine } = server

    test('after a kill -9 of the store nothing is served until it is back', async () => {
      const app = await appOver(await openFor(name, server))
      await assertServesAgain(app)
      await engine().kill()
      await assertClosed(app)
      await engine().restart()
      await assertServesAgain(app)
      await assertNeverMore(app)
    })

    test('while the store stands still nothing is served', async () => {
      const app = await appOver(await openFor(name, server))
      await assertServesAgain(app)
      await engine().pause()
      try {
        await assertClosed(app)
      } finally {
        await engine().resume()
      }
      await assertServesAgain(app)
      await assertNeverMore(app)
    })
  })
}

describe('an app whose file is locked by a process that stands still', { timeout: 120_000 }, () => {
  const newAddress = sharedStores.sqlite?.()

  test('nothing is served until that process is gone', async () => {
    const address = (await newAddress?.()) ?? ''
    const { ledger, close } = await openLedger('sqlite', address)
    onTestFinished(close)
    const app = await appOver(ledger)
    await assertServesAgain(app)
    const locking = await startProgram('locking', { address })
    onTestFinished(() => locking.kill())
    const reply = await app.ask()
    expect([reply.status, JSON.parse(reply.body.toString()).code]).toEqual([503, 'ledger_unavailable'])
    // Who only looks needs no lock.
    expect((await app.ask('HEAD')).status).toBe(200)
    await locking.kill()
    await assertServesAgain(app)
    await assertNeverMore(app)
    expect(app.served()).toBe(LIMIT)
  })
})
