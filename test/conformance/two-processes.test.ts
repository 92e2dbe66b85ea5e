import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLatchkey } from '@latchkey/core'
import { memoryDriver } from '@latchkey/drivers/memory'
import { memoryLedger } from '@latchkey/ledgers/memory'
import { CASE_KEY, CASE_MOUNT, type ClientReply, send } from '@latchkey/testkit'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startProgram } from '../programs/program.js'
import { sharedStores } from './shared-stores.js'

const ADAPTERS = ['express', 'koa', 'fastify', 'hono']
const TEXT = 'the whole body '.repeat(700)
const REQUESTS = 1000
const LIMIT = 3

/** The answer, or `undefined` where the connection broke. */
type Outcome = ClientReply | undefined

let root: string

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'latchkey-two-'))
  writeFileSync(join(root, 'a.txt'), TEXT)
})

afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Two servers in processes of their own, and a URL for three downloads that both serve. */
async function twoServers(host: string, name: string, address: string) {
  const start = () => startProgram('serving', { host, root, name, address })
  const servers = await Promise.all([start(), start()])
  onTestFinished(async () => {
    await Promise.all(servers.map((server) => server.kill()))
  })
  // Mints alone, so it needs neither the file nor the counts.
  const files = createLatchkey({
    baseUrl: CASE_MOUNT,
    keys: [CASE_KEY],
    storage: memoryDriver(),
    ledger: memoryLedger(),
  })
  const { url } = await files.signedUrl('a.txt', { maxDownloads: LIMIT })
  // A busy machine may leave the ledger no time to answer. Then a client is told to come again, and does, as clients
  // do: not all of them at once.
  const ask = async (at: number): Promise<Outcome> => {
    for (let tries = 0; ; tries++) {
      const reply = await send(String(servers[at % 2]?.ready), url).catch(() => undefined)
      if (reply?.status !== 503 || tries === 20) return reply?.complete ? reply : undefined
      await sleep(Math.random() * 1000 * (tries + 1))
    }
  }
  return { ask, victim: servers[0] }
}

function tally(outcomes: readonly Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const outcome of outcomes) {
    const what = wordFor(outcome)
    counts[what] = (counts[what] ?? 0) + 1
  }
  return counts
}

function wordFor(outcome: Outcome): string {
  if (outcome === undefined) return 'broken off'
  const { status, body } = outcome
  if (status === 200) return body.toString() === TEXT ? 'served' : '200 with another body'
  return `${status} ${JSON.parse(body.toString()).code}`
}

for (const [name, useStore] of Object.entries(sharedStores)) {
  describe(`two processes over one ${name} ledger`, { timeout: 120_000 }, () => {
    const address = useStore()

    test.each(ADAPTERS)(`%s: of ${REQUESTS} GETs at once exactly ${LIMIT} are served`, async (host) => {
      const { ask } = await twoServers(host, name, await address())
      const outcomes = await Promise.all(Array.from({ length: REQUESTS }, (_, at) => ask(at)))
      // A use that was taken too late to be served has been given back.
      for (let more = 0; (tally(outcomes).served ?? 0) < LIMIT && more < 20; more++) {
        await sleep(100)
        outcomes.push(await ask(more))
      }
      expect(tally(outcomes)).toEqual({ served: LIMIT, '403 exhausted': outcomes.length - LIMIT })
      expect(tally([await ask(0), await ask(1)])).toEqual({ '403 exhausted': 2 })
    })

    test.each(ADAPTERS)(`%s: a kill -9 of one of them serves no more than ${LIMIT}`, async (host) => {
      const { ask, victim } = await twoServers(host, name, await address())
      const asked = Array.from({ length: REQUESTS }, (_, at) => ask(at))
      await Promise.race(asked)
      await victim.kill()
      const after = await Promise.all(Array.from({ length: 20 }, () => ask(1)))
      const counts = tally([...(await Promise.all(asked)), ...after])
      expect(counts.served ?? 0).toBeLessThanOrEqual(LIMIT)
      expect(counts['broken off']).toBeGreaterThan(0)
      expect(Object.keys(counts).sort()).toEqual(
        ['403 exhausted', 'broken off', ...(counts.served === undefined ? [] : ['served'])].sort(),
      )
      expect(tally([await ask(1)])).toEqual({ '403 exhausted': 1 })
    })
  })
}

test('over a memory ledger each process counts for itself, so that the URL is good for twice as many', async () => {
  const { ask } = await twoServers('express', 'memory', '')
  const outcomes = await Promise.all(Array.from({ length: 100 }, (_, at) => ask(at)))
  expect(tally(outcomes)).toEqual({ served: 2 * LIMIT, '403 exhausted': 100 - 2 * LIMIT })
})
