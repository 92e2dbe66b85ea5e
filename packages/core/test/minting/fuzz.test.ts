import { Agent, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Decision, MintIntent, MultipartStorage } from '../../src/index.js'
import { gateRequest, writeReply } from '../../src/node/index.js'
import { hostileRequest } from './hostile.js'
import { exchange, neutral, type Seen, textOf } from './hostile-exchange.js'
import { mount, NOW, storageOf } from './mount.js'
import { openLedger } from './open-ledger.js'

const DIRECT_RUNS = 20_000
const SOCKET_RUNS = 3_000

const LIMITS: Decision[] = [
  {},
  { expiresIn: 60, operations: ['get', 'head', 'delete'] },
  { expiresIn: 60, download: true, responseHeaders: { 'x-robots-tag': 'x'.repeat(1900) } },
  { operations: ['delete'], maxSize: 10, allowedTypes: ['image/*'], addRandomSuffix: true, payload: 'app' },
  'unauthorized',
  'forbidden',
  'not_found',
]

/** A mount whose hook answers in many ways, and over which about half of all keys hold something. */
function variedMount() {
  const looked: string[] = []
  const storage = storageOf()
  const decide = (intent: MintIntent) => LIMITS[(intent.key ?? '').length % LIMITS.length]
  const varied = mount(decide, {
    ledger: openLedger,
    cors: { origins: ['https://a.example'] },
    storage: {
      ...storage,
      multipart: { create: async () => 'x'.repeat(22) } as unknown as MultipartStorage,
      stat: async (key) => {
        looked.push(key)
        return key.length % 3 === 0 ? null : { size: 1, etag: '"v"', lastModified: new Date(NOW) }
      },
    },
  })
  return { ...varied, looked }
}

const counts = new Map<number, number>()

/** What holds for every answer, whatever was sent. */
function assertSound({ status, headers, text }: Seen): void {
  counts.set(status, (counts.get(status) ?? 0) + 1)
  expect(status, text).toBeLessThan(500)
  if (status === 204) return
  expect(headers['cache-control']).toBe('no-store')
  expect(headers['x-content-type-options']).toBe('nosniff')
  if (status !== 200) {
    if (headers['content-type'] === 'application/problem+json') expect(JSON.parse(text).status).toBe(status)
    return
  }
  expect(headers['content-type']).toBe('application/json')
  const json = JSON.parse(text)
  for (const one of json.urls ?? [json]) {
    if (one.url === undefined) expect(one.code).toBeTypeOf('string')
    else
      expect(one.url).toMatch(
        /^https:\/\/app\.example\.com\/files\/[!-~]+\?token=k1\.[\w.~-]+(?:&[\w.~=&-]+)?$/,
      )
    if (one.expires_at !== undefined) {
      expect(Date.parse(one.expires_at)).toBeGreaterThan(NOW)
      expect(Date.parse(one.expires_at)).toBeLessThanOrEqual(NOW + 3_600_000)
    }
  }
}

test(`${DIRECT_RUNS} requests to the gate itself`, { timeout: 600_000 }, async () => {
  const { files, asked, faults, looked } = variedMount()
  await fc.assert(
    fc.asyncProperty(hostileRequest, fc.boolean(), async (hostile, framed) => {
      asked.length = 0
      looked.length = 0
      const reply = await files.handle(neutral(hostile, framed))
      const seen = { status: reply.status, headers: reply.headers, text: await textOf(reply) }
      assertSound(seen)
      if (hostile.method !== 'GET') expect(looked.length).toBeLessThanOrEqual(asked.length)
      expect(faults).toEqual([])
    }),
    { numRuns: DIRECT_RUNS },
  )
  report('the gate', DIRECT_RUNS)
})

test(`${SOCKET_RUNS} requests through one socket`, { timeout: 600_000 }, async () => {
  const { files, faults } = variedMount()
  const server = createServer((incoming, outgoing) => {
    files.handle(gateRequest(incoming, incoming.url ?? '/')).then(
      (reply) => writeReply(reply, incoming, outgoing),
      (error: unknown) => outgoing.writeHead(599).end(String(error)),
    )
  })
  // However slow the machine: what the server closes as idle, the client may just be sending on.
  server.keepAliveTimeout = 0
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const { port } = server.address() as AddressInfo
  try {
    await fc.assert(
      fc.asyncProperty(hostileRequest, async (hostile) => {
        assertSound(await exchange(hostile, port, agent))
        expect(faults).toEqual([])
      }),
      { numRuns: SOCKET_RUNS },
    )
  } finally {
    agent.destroy()
    server.closeAllConnections()
    server.close()
  }
  report('a socket', SOCKET_RUNS)
})

function report(where: string, runs: number): void {
  const answers = [...counts].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`)
  console.log(`fuzzed ${where} with ${runs} requests; answers ${answers.join(', ')}`)
  counts.clear()
}
