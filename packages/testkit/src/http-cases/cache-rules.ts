import assert from 'node:assert/strict'
import type { HttpCase } from '../http-case.js'
import { below, get, readUrl } from './exchange.js'
import { assertNotStored } from './expect.js'

/** `Cache-Control`. */
export const cacheRuleCases: readonly HttpCase[] = [
  ...(
    [
      ['an hour', { expiresIn: 3600 }, 0, 300],
      ['301 seconds', { expiresIn: 301 }, 0, 300],
      ['100 seconds', { expiresIn: 100 }, 0, 100],
      ['100 seconds, 40 of them gone,', { expiresIn: 100 }, 40_000, 60],
      ['100 seconds, 40.5 of them gone,', { expiresIn: 100 }, 40_500, 59],
      ['an hour and a cache age of 10 s', { cacheControlMaxAge: 10 }, 0, 10],
      ['an hour and a cache age of 0 s', { cacheControlMaxAge: 0 }, 0, 0],
      ['an hour and a cache age of 2000 s', { cacheControlMaxAge: 2000 }, 0, 2000],
      ['100 seconds and a cache age of a year', { expiresIn: 100, cacheControlMaxAge: 31_536_000 }, 0, 100],
    ] as const
  ).map(
    ([name, options, elapsed, seconds]): HttpCase => ({
      name: `a private object is kept for ${seconds} s by the client alone, with a life of ${name}`,
      async run(context) {
        await context.put('a.txt', 'text')
        const url = await readUrl(context, 'a.txt', options)
        context.clock.advance(elapsed)
        assert.equal((await get(context, url)).headers['cache-control'], `private, max-age=${seconds}`)
      },
    }),
  ),
  {
    name: 'a private object with a stored cache age is kept that long, and not beyond the life of the token',
    needs: ['metadata'],
    async run(context) {
      await context.put('a.txt', 'text', { cacheControlMaxAge: 50 })
      const long = await get(context, await readUrl(context, 'a.txt'))
      assert.equal(long.headers['cache-control'], 'private, max-age=50')
      const short = await get(context, await readUrl(context, 'a.txt', { expiresIn: 20 }))
      assert.equal(short.headers['cache-control'], 'private, max-age=20')
    },
  },
  {
    name: 'refusals are never stored',
    async run(context) {
      await context.put('a.txt', 'text')
      const url = await readUrl(context, 'a.txt')
      for (const [target, headers] of [
        [below(context, '/a.txt'), {}],
        [await readUrl(context, 'absent.txt'), {}],
        [url, { 'if-match': '"x"' }],
        ...(context.driver.capabilities.ranges ? [[url, { range: 'bytes=99-' }] as const] : []),
        [below(context, '/a//b'), {}],
      ] as const) {
        assertNotStored(await get(context, target, headers))
      }
    },
  },
]
