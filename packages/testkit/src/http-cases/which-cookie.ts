import assert from 'node:assert/strict'
import type { HttpCase } from '../http-case.js'
import { having, JUNK, signed } from './cookie-case.js'
import { below, get, readUrl } from './exchange.js'
import { assertProblem, assertSameReply, assertWhole, refused, variesBy } from './expect.js'
import { OUTSIDE, PLAYLIST } from './tree-case.js'

/** Which of a request’s tokens and cookies counts. */
export const whichCookieCases: readonly HttpCase[] = [
  {
    name: 'cookie: a token in the query or the path decides alone',
    async run(context) {
      const cookie = await signed(context)
      const inQuery = below(context, `/${PLAYLIST}?token=junk`)
      assertProblem(await get(context, inQuery, having(cookie)), 403, 'invalid_signature')
      const inPath = below(context, `/${JUNK}/${PLAYLIST}`)
      assertProblem(await get(context, inPath, having(cookie)), 403, 'invalid_signature')
      const good = await get(context, await readUrl(context, OUTSIDE), having(cookie))
      assertWhole(good, 'outside')
      assert.ok(!variesBy('cookie', good))
    },
  },
  {
    name: 'cookie: of several the one that opens counts, wherever among eight it stands',
    async run(context) {
      const cookie = await signed(context)
      const target = below(context, `/${PLAYLIST}`)
      const junk = (count: number) => Array.from({ length: count }, () => `latchkey=${JUNK}`)
      const outer = await context.files.signedCookie('videos/')
      const other = await context.files.signedCookie('videos/43/')
      for (const cookies of [
        [other, cookie],
        [cookie, other],
        [outer, other],
        [...junk(7), cookie],
        [cookie, ...junk(20)],
        ['a=b', 'latchkey=', 'latchkey', `Latchkey=${cookie.value}`, ';;', '=x', 'latchkey=a.b', cookie],
      ]) {
        assertWhole(await get(context, target, having(...cookies)), 'playlist')
      }
      await refused(context, PLAYLIST, [403, 'invalid_signature'], () =>
        get(context, target, having(...junk(8), cookie)),
      )
    },
  },
  {
    name: 'cookie: a value that is spelled in another way is none',
    async run(context) {
      const { name, value } = await signed(context)
      const target = below(context, `/${PLAYLIST}`)
      for (const cookie of [
        `${name}="${value}"`,
        `${name}=%${value.charCodeAt(0).toString(16)}${value.slice(1)}`,
        `${name}=${value} `,
        `${name}= ${value}`,
        `${name} =${value}`,
        `${name}=${value},x`,
        `${name}=${value}=`,
        `__Host-${name}=${value}`,
        value,
      ]) {
        await refused(context, PLAYLIST, [403, 'token_required'], () =>
          get(context, target, having('first=1', cookie, 'last=1')),
        )
      }
      for (const at of [3, 20, value.length - 20]) {
        const other = value[at] === 'A' ? 'B' : 'A'
        const altered = value.slice(0, at) + other + value.slice(at + 1)
        const reply = await get(context, target, having(`${name}=${altered}`))
        assert.equal(reply.status, 403, altered)
      }
    },
  },
  {
    name: 'cookie: one that opens nothing takes nothing from what is public',
    needs: ['metadata'],
    async run(context) {
      await context.put('public.txt', 'for all', { visibility: 'public' })
      await context.put('private.txt', 'not for all')
      const expired = await context.files.signedCookie('', { wholeMount: true, expiresIn: 1 })
      context.clock.advance(1000)
      const target = below(context, '/public.txt')
      const plain = await get(context, target)
      for (const cookies of [[expired], [`latchkey=${JUNK}`], ['latchkey='], ['junk', ';', '=']]) {
        const reply = await get(context, target, having(...cookies))
        assertWhole(reply, 'for all')
        assertSameReply(reply, plain)
      }
      assertProblem(await get(context, below(context, '/private.txt'), having(expired)), 403, 'expired')
    },
  },
]
