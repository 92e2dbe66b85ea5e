import assert from 'node:assert/strict'
import type { HttpCase } from '../http-case.js'
import { below, get, head, request, requestHead } from './exchange.js'
import { assertSameReply, assertWhole, refused, unchanged } from './expect.js'
import { RawConnection } from './raw-connection.js'
import { follow, OUTSIDE, PLAYLIST, PREFIX, pathTokenOf, tree } from './tree-case.js'

/** What a token in the path does not open, and when it does not. */
export const pathTokenRefusalCases: readonly HttpCase[] = [
  {
    name: 'path token: nothing outside the prefix is opened',
    async run(context) {
      const url = await tree(context)
      await context.put('videos/4', 'near')
      await context.put('videos/42.m3u8', 'near')
      const token = pathTokenOf(context, url)
      for (const key of [
        OUTSIDE,
        'videos/4',
        'videos/42.m3u8',
        'videos/42',
        'absent',
        'Videos/42/index.m3u8',
      ]) {
        await refused(context, OUTSIDE, [403, 'invalid_signature'], () =>
          get(context, below(context, `/${token}/${key}`)),
        )
      }
    },
  },
  {
    name: 'path token: a path that is no key is refused, whatever its token',
    async run(context) {
      const token = pathTokenOf(context, await tree(context))
      const paths = ['', 'videos/42/', 'videos/42//index.m3u8', 'videos/42/%2e%2e/43/index.m3u8']
      for (const path of [
        ...paths,
        'videos/42/%2E/index.m3u8',
        'videos%2F42%2Findex.m3u8',
        'videos/42/a%00',
      ]) {
        for (const method of ['GET', 'HEAD']) {
          const reply = await unchanged(context, OUTSIDE, () =>
            request(context, below(context, `/${token}/${path}`), { method }),
          )
          assert.ok([400, 404].includes(reply.status), `${reply.status} for ${path}`)
        }
      }
    },
  },
  {
    name: 'path token: dot segments lead nowhere, also where something on the way would resolve them',
    async run(context) {
      const token = pathTokenOf(context, await tree(context))
      for (const path of [
        `/${token}/videos/42/../43/index.m3u8`,
        `/${token}/../${OUTSIDE}`,
        `/x/../${token}/a`,
      ]) {
        const connection = await RawConnection.open(context.origin)
        await connection.write(requestHead('GET', below(context, path), ['Connection: close']))
        const { status } = await connection.reply()
        connection.destroy()
        assert.ok([400, 403, 404].includes(status), `${status} for ${path}`)
      }
    },
  },
  {
    name: 'path token: it is refused from the very second that it expires at, and before it begins',
    async run(context) {
      const now = context.clock.now()
      const url = await tree(context, { validUntil: now + 60_000, notBefore: now + 10_000 })
      const playlist = follow(url, 'index.m3u8')
      context.clock.advance(9_999)
      await refused(context, PLAYLIST, [403, 'not_yet_valid'], () => get(context, playlist))
      context.clock.advance(1)
      assertWhole(await get(context, playlist), 'playlist')
      context.clock.advance(49_999)
      assertWhole(await get(context, playlist), 'playlist')
      context.clock.advance(1)
      const reply = await refused(context, PLAYLIST, [403, 'expired'], () => get(context, playlist))
      assert.equal(JSON.parse(reply.body.toString()).detail, 'Invalid or expired signature')
      assert.equal((await head(context, playlist)).status, 403)
    },
  },
  {
    name: 'path token: a refused one tells a present object from an absent one to nobody',
    async run(context) {
      const { clock } = context
      const url = await tree(context, { validUntil: clock.now() + 1000 })
      const token = pathTokenOf(context, url)
      for (const target of ['videos/43/', PREFIX]) {
        if (target === PREFIX) clock.advance(1000)
        for (const headers of [{}, { 'if-none-match': '*' }, { range: 'bytes=999-' }]) {
          const present = await get(context, below(context, `/${token}/${target}index.m3u8`), headers)
          const absent = await get(context, below(context, `/${token}/${target}absent.m3u8`), headers)
          assert.equal(present.status, 403)
          assertSameReply(present, absent)
        }
      }
    },
  },
]
