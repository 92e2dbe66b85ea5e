import assert from 'node:assert/strict'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import type { ClientReply } from '../http-client.js'
import { below, get, head, put, readUrl, remove, removeUrl, request, uploadUrl } from './exchange.js'
import { assertProblem, assertWhole, timedParts } from './expect.js'

const APP = 'https://app.example'

/** Asserts that a reply tells its time, and that of these parts. */
function assertTimed(reply: ClientReply, parts: readonly string[]): void {
  assert.deepEqual(timedParts(reply), ['total', ...parts])
}

function assertUntimed(reply: ClientReply): void {
  assert.equal(reply.headers['server-timing'], undefined)
  assert.equal(reply.headers['timing-allow-origin'], undefined)
}

function bare(context: HttpCaseContext, key: string): string {
  return below(context, `/${key}`)
}

/** How long a reply took (Server-Timing, W3C), and who is told. */
export const serverTimingCases: readonly HttpCase[] = [
  {
    name: 'Server-Timing: whoever has a good token is told the time of token and storage',
    async run(context) {
      const stored = await put(context, await uploadUrl(context, 'a.txt'), 'text')
      assert.equal(stored.status, 201)
      assertTimed(stored, ['token', 'storage'])
      const url = await readUrl(context, 'a.txt')
      const whole = await get(context, url)
      assertWhole(whole, 'text')
      assertTimed(whole, ['token', 'storage'])
      assertTimed(await head(context, url), ['token', 'storage'])
      const unchanged = await get(context, url, { 'if-none-match': whole.headers.etag ?? '' })
      assert.equal(unchanged.status, 304)
      assertTimed(unchanged, ['token', 'storage'])
      const absent = await get(context, await readUrl(context, 'absent.txt'))
      assertProblem(absent, 404, 'not_found')
      assertTimed(absent, ['token', 'storage'])
      assertTimed(await remove(context, await removeUrl(context, 'a.txt')), ['token', 'storage'])
    },
  },
  {
    name: 'Server-Timing: without a good token nobody is told a time, whether the object is there or not',
    async run(context) {
      await context.put('a.txt', 'text')
      const foreign = context.another({ audience: '/other' })
      for (const key of ['a.txt', 'absent.txt']) {
        const refusals = [
          await get(context, bare(context, key)),
          await head(context, bare(context, key)),
          await get(context, (await foreign.signedUrl(key)).url),
          await get(context, await uploadUrl(context, key)),
          await put(context, bare(context, key), 'text'),
          await request(context, bare(context, key), { method: 'DELETE' }),
        ]
        for (const reply of refusals) {
          assert.equal(reply.status, 403)
          assertUntimed(reply)
        }
      }
      const expired = await readUrl(context, 'a.txt', { expiresIn: 60 })
      context.clock.advance(60_000)
      const late = await get(context, expired)
      assertProblem(late, 403, 'expired')
      assertUntimed(late)
      assertUntimed(await request(context, bare(context, 'a.txt'), { method: 'OPTIONS' }))
    },
  },
  {
    name: 'Server-Timing: everybody is told that of a public object, unless it is refused',
    needs: ['visibility'],
    async run(context) {
      const { stat } = await context.put('a.txt', 'text', { visibility: 'public' })
      const reply = await get(context, bare(context, 'a.txt'))
      assertWhole(reply, 'text')
      assertTimed(reply, ['storage'])
      assertTimed(await head(context, bare(context, 'a.txt')), ['storage'])
      const failed = await get(context, bare(context, 'a.txt'), { 'if-match': `"not ${stat.etag.slice(1)}` })
      assertProblem(failed, 412, 'precondition_failed')
      assertUntimed(failed)
    },
  },
  {
    name: 'Server-Timing: an origin that cors lets in may read it, another may not',
    options: { cors: { origins: [APP] } },
    async run(context) {
      await context.put('a.txt', 'text')
      const url = await readUrl(context, 'a.txt')
      const mine = await get(context, url, { origin: APP })
      assertTimed(mine, ['token', 'storage'])
      assert.equal(mine.headers['timing-allow-origin'], APP)
      for (const headers of [{}, { origin: 'https://other.example' }]) {
        const reply = await get(context, url, headers)
        assertTimed(reply, ['token', 'storage'])
        assert.equal(reply.headers['timing-allow-origin'], undefined)
      }
      assertUntimed(await get(context, bare(context, 'a.txt'), { origin: APP }))
    },
  },
  {
    name: 'Server-Timing: with serverTiming: false nobody is told a time',
    options: { serverTiming: false, cors: { origins: '*' } },
    async run(context) {
      await context.put('a.txt', 'text')
      const reply = await get(context, await readUrl(context, 'a.txt'), { origin: APP })
      assertWhole(reply, 'text')
      assertUntimed(reply)
    },
  },
]
