import assert from 'node:assert/strict'
import { bearerKeys, type RateLimit } from '@latchkey/core'
import type { HttpCase } from '../http-case.js'
import { get } from '../http-cases/exchange.js'
import { assertProblem, assertWhole } from '../http-cases/expect.js'
import { as, MINTING, mint, mintedBy } from './mint.js'

const authorize = bearerKeys({
  secret: ['secret-key-of-the-cases'],
  publishable: ['publishable-key-of-the-cases'],
})

/** A limiter as `rate-limiter-flexible` has them: a few points for each key, and a rejection that says how long. */
function rateLimit(points: number): RateLimit {
  const used = new Map<string, number>()
  const consume = async (key: string, count = 1): Promise<void> => {
    const total = (used.get(key) ?? 0) + count
    used.set(key, total)
    if (total > points) throw { msBeforeNext: 1500 }
  }
  return { limiter: { consume }, keyOf: (request) => request.header('x-client') ?? 'anyone' }
}

/** Ready-made keys, and rate limits. */
export const limitCases: readonly HttpCase[] = [
  {
    name: 'a secret key mints, a publishable one is forbidden, any other unknown',
    options: { authorize },
    async run(context) {
      await context.put('a.txt', 'text')
      const present = (authorization: string) => mint(context, '/a.txt/signed-url', {}, { authorization })
      const { url } = mintedBy(await present('bearer secret-key-of-the-cases'))
      assertWhole(await get(context, url), 'text')
      assertProblem(await present('Bearer publishable-key-of-the-cases'), 403, 'forbidden')
      assertProblem(await present('Bearer secret-key-of-the-case'), 401, 'unauthorized')
      assertProblem(await present('Basic secret-key-of-the-cases'), 401, 'unauthorized')
    },
  },
  {
    name: 'who asks too often gets 429 with Retry-After, before the hook is asked',
    // The limit is for a client of one run: the cases of all hosts share these options.
    options: { ...MINTING, rateLimit: rateLimit(3) },
    async run(context) {
      const client = { 'x-client': context.origin }
      const batch = { urls: [{ key: 'a' }, { key: 'b' }] }
      assertProblem(await mint(context, '/signed-urls', batch, client), 401, 'unauthorized')
      assertProblem(await mint(context, '/a/signed-url', {}, client), 401, 'unauthorized')
      const reply = await mint(context, '/a/signed-url', {}, { ...client, ...as('broken') })
      assertProblem(reply, 429, 'rate_limit_exceeded')
      assert.equal(reply.headers['retry-after'], '2')
      const other = { 'x-client': `${context.origin} too` }
      assertProblem(await mint(context, '/a/signed-url', {}, other), 401, 'unauthorized')
    },
  },
  {
    name: 'where the limiter fails nobody mints',
    options: {
      ...MINTING,
      rateLimit: { limiter: { consume: () => Promise.reject(new Error('down')) }, keyOf: () => 'all' },
    },
    async run(context) {
      await context.put('a.txt', 'text')
      const reply = await mint(context, '/a.txt/signed-url', {}, as('owner'))
      assertProblem(reply, 503, 'rate_limiter_unavailable')
    },
  },
]
