import assert from 'node:assert/strict'
import type { Latchkey } from '@latchkey/core'
import { CaseLedger } from '../download-limit-cases/case-ledger.js'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import { get, readUrl } from './exchange.js'
import { assertProblem, assertWhole } from './expect.js'

const KEY = 'a.txt'
const MINUTE = 60_000

/** Moves the clock to the first moment of the next window of so many milliseconds. */
function toWindow({ clock }: HttpCaseContext, ms: number): void {
  clock.advance(ms - (clock.now() % ms))
}

/** URLs that stay the same inside a window. */
export const stableUrlCases: readonly HttpCase[] = [
  {
    name: 'stable: every call inside a window gives the same URL, in every process, and the next window another',
    async run(context) {
      toWindow(context, 5 * MINUTE)
      const sign = (files: Latchkey) => files.signedUrl(KEY, { stableFor: '5m', expiresIn: '10m' })
      const first = await sign(context.files)
      assert.equal(first.expiresAt.getTime(), context.clock.now() + 15 * MINUTE)
      for (const ms of [1, 59_999, 4 * MINUTE - 1]) {
        context.clock.advance(ms)
        assert.deepEqual(await sign(context.files), first)
        assert.deepEqual(await sign(context.another({})), first)
      }
      context.clock.advance(1)
      const next = await sign(context.files)
      assert.notEqual(next.url, first.url)
      assert.equal(next.expiresAt.getTime(), context.clock.now() + 15 * MINUTE)
    },
  },
  {
    name: 'stable: the URL lives at least expiresIn, whenever in the window it is asked for',
    async run(context) {
      await context.put(KEY, 'text')
      toWindow(context, MINUTE)
      context.clock.advance(MINUTE - 1)
      const url = await readUrl(context, KEY, { stableFor: '1m', expiresIn: 10 })
      context.clock.advance(10_000)
      const reply = await get(context, url)
      assertWhole(reply, 'text')
      assert.equal(reply.headers['cache-control'], 'private, max-age=0')
      context.clock.advance(1)
      assertProblem(await get(context, url), 403, 'expired')
    },
  },
  {
    name: 'stable: trees and cookies, too',
    async run(context) {
      toWindow(context, 60 * MINUTE)
      const sign = async () => [
        (await context.files.signedTreeUrl('a/', { stableFor: '1h', entry: 'b' })).url,
        (await context.files.signedCookie('a/', { stableFor: '1h' })).value,
      ]
      const first = await sign()
      context.clock.advance(60 * MINUTE - 1)
      assert.deepEqual(await sign(), first)
      context.clock.advance(1)
      const next = await sign()
      assert.ok(next.every((one, at) => one !== first[at]))
    },
  },
  {
    name: 'stable: what tells two URLs apart still does, and so does a new signing key',
    async run(context) {
      const stable = { stableFor: '5m' } as const
      const urls = [
        await readUrl(context, KEY, stable),
        await readUrl(context, 'b.txt', stable),
        await readUrl(context, KEY, { ...stable, subject: 'ada' }),
        await readUrl(context, KEY, { ...stable, download: true }),
        await readUrl(context, KEY, { ...stable, expiresIn: 60 }),
        await readUrl(context, KEY, { stableFor: 301 }),
      ]
      const keys = [{ id: 'k2', secret: 'a fresh secret of at least 32 bytes' }]
      urls.push((await context.another({ keys }).signedUrl(KEY, stable)).url)
      assert.equal(new Set(urls).size, urls.length)
    },
  },
  {
    name: 'stable: windows that are none, or too long with the life behind them, are refused',
    async run(context) {
      const counted = context.another({ ledger: new CaseLedger() })
      const bad = [
        { stableFor: 0 },
        { stableFor: -1 },
        { stableFor: 1.5 },
        { stableFor: 'soon' },
        { stableFor: Number.NaN },
        { stableFor: '7d' },
        { stableFor: 604_801 - 3600 },
        { stableFor: '1m', expiresIn: '7d' },
        { stableFor: '1m', expiresIn: 0 },
        { stableFor: '1m', validUntil: context.clock.now() + MINUTE },
        { stableFor: '1m', maxDownloads: 1 },
      ]
      for (const options of bad) {
        const refused = { code: 'invalid_option' }
        await assert.rejects(counted.signedUrl(KEY, options), refused, JSON.stringify(options))
        await assert.rejects(counted.signedTreeUrl('a/', options), refused, JSON.stringify(options))
      }
      await context.files.signedUrl(KEY, { stableFor: 604_800 - 3600 })
      const upload = { stableFor: '1m' } as object
      await assert.rejects(context.files.signedUploadUrl(KEY, upload), { code: 'invalid_option' })
    },
  },
]
