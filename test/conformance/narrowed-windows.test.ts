import { createLatchkey, type GateReply, type Latchkey } from '@latchkey/core'
import { narrow } from '@latchkey/core/token'
import { memoryDriver } from '@latchkey/drivers/memory'
import { memoryLedger } from '@latchkey/ledgers/memory'
import fc from 'fast-check'
import { expect, test } from 'vitest'

// Whatever limits and windows are appended to a token, it serves nothing that the shorter one would refuse just then.

const START = 1_800_000_000_000

const limit = fc.record(
  {
    maxDownloads: fc.integer({ min: 1, max: 3 }),
    resumeWindow: fc.constantFrom(1, 10, 100),
  },
  { requiredKeys: ['maxDownloads'] },
)
const step = fc.record({
  /** Which URL of the chain is used; the first is the shortest. */
  at: fc.nat(3),
  client: fc.constantFrom('a', 'b'),
  range: fc.boolean(),
  wait: fc.constantFrom(0, 0, 0, 1000, 9000, 50_000),
})

interface Sent {
  readonly method: 'GET' | 'HEAD'
  readonly client: string
  readonly range?: boolean
}

async function send(files: Latchkey, url: string, { method, client, range }: Sent): Promise<GateReply> {
  const fields: Readonly<Record<string, string>> = {
    'user-agent': client,
    ...(range && { range: 'bytes=1-2' }),
  }
  const reply = await files.handle({
    method,
    path: url.slice('/files'.length),
    header: (name) => fields[name],
    address: () => '192.0.2.1',
    body: null,
    bodyAlreadyRead: false,
  })
  if (reply.body !== null && typeof reply.body !== 'string') for await (const _ of reply.body);
  return reply
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

async function chainOf(files: Latchkey, limits: readonly Parameters<typeof narrow>[1][], now: () => number) {
  const urls = [(await files.signedUrl('a', limits[0])).url]
  for (const options of limits.slice(1)) {
    urls.push((await narrow(urls.at(-1) ?? '', { ...options, now })).url)
  }
  return urls
}

test('no appended limit or window serves what the shorter token would refuse', async () => {
  let served = 0
  let joined = 0
  const limits = fc.array(limit, { minLength: 2, maxLength: 4 })
  const steps = fc.array(step, { minLength: 15, maxLength: 15 })
  await fc.assert(
    fc.asyncProperty(limits, steps, async (chain, requests) => {
      let ms = START
      const now = () => ms
      const storage = memoryDriver()
      await storage.write('a', bytesOf('hello'), { contentType: 'text/plain', visibility: 'private' })
      const keys = [{ id: 'k1', secret: 'the secret of the tests with windows' }]
      const files = createLatchkey({ baseUrl: '/files', keys, storage, ledger: memoryLedger({ now }), now })
      const urls = await chainOf(files, chain, now)
      for (const { at, client, range, wait } of requests) {
        ms += wait
        const used = at % urls.length
        // A HEAD says whether a use is left, or the window open; to somebody new none is.
        const wouldServe = async (url: string, asking: string) =>
          (await send(files, url, { method: 'HEAD', client: asking })).status === 200
        const asking = range ? client : 'somebody new'
        const shorter = await Promise.all(urls.slice(0, used).map((url) => wouldServe(url, asking)))
        const hasUse = await wouldServe(urls[used] ?? '', 'somebody new')
        const { status } = await send(files, urls[used] ?? '', { method: 'GET', client, range })
        if (status !== 200 && status !== 206) continue
        served++
        if (!hasUse) joined++
        expect(shorter).not.toContain(false)
      }
    }),
    { numRuns: 300 },
  )
  // A property under which nothing is served, or nothing joined, would hold as well.
  expect(served).toBeGreaterThan(300)
  expect(joined).toBeGreaterThan(20)
}, 120_000)
