import type { CookieOptions, GateReply, TreeOptions, TreeUrlOptions } from '@latchkey/core'
import { expect } from 'vitest'
import { memoryLedger } from '../../packages/ledgers/src/memory/index.js'
import { codeOf, expectInvalid, latchkeyWith, NOW, send, textOf, upload } from './exchange.js'
import type { Rows } from './rows.js'
import { stableRow, validityRows } from './validity-rows.js'

const sign = (options: TreeUrlOptions) => latchkeyWith().signedTreeUrl('t/', options)

const cookie = (options: CookieOptions) => latchkeyWith().signedCookie('t/', options)

type Opens = (options: TreeOptions) => Promise<GateReply>

/** The reply for `t/a.html` to a tree URL with these options. */
async function byUrl(options: TreeOptions): Promise<GateReply> {
  const files = latchkeyWith()
  await upload(files, 't/a.html')
  return send(files, 'GET', `${(await files.signedTreeUrl('t/', options)).url}a.html`)
}

/** The same to a cookie. */
async function byCookie(options: TreeOptions): Promise<GateReply> {
  const files = latchkeyWith()
  await upload(files, 't/a.html')
  const { name, value, url } = await files.signedCookie('t/', options)
  return send(files, 'GET', `${url}a.html`, { headers: { cookie: `${name}=${value}` } })
}

/** The rows of the options that a tree URL and a cookie share. */
function presentationRows(opens: Opens, signs: (options: TreeOptions) => unknown): Rows {
  return {
    download: {
      default: 'by type',
      async check() {
        for (const [download, expected] of [
          [undefined, 'attachment'],
          [true, 'attachment'],
          [false, 'inline'],
        ] as const) {
          const { headers } = await opens(download === undefined ? {} : { download })
          expect(headers['content-disposition']).toMatch(new RegExp(`^${expected}`))
        }
        await expectInvalid(() => signs({ download: 'a name' as never }))
      },
    },
    cacheControlMaxAge: {
      default: '300',
      async check() {
        expect((await opens({})).headers['cache-control']).toBe('private, max-age=300')
        expect((await opens({ cacheControlMaxAge: 7 })).headers['cache-control']).toBe('private, max-age=7')
        await expectInvalid(() => signs({ cacheControlMaxAge: -1 }))
      },
    },
    responseHeaders: {
      default: 'none',
      async check() {
        const reply = await opens({ responseHeaders: { 'x-robots-tag': 'noindex' } })
        expect(reply.headers['x-robots-tag']).toBe('noindex')
        for (const name of ['content-type', 'content-encoding', 'set-cookie']) {
          await expectInvalid(() => signs({ responseHeaders: { [name]: 'x/y' } }))
        }
      },
    },
  }
}

export const treeUrlRows: Rows = {
  ...validityRows(sign),
  ...stableRow(sign),
  entry: {
    default: 'none',
    async check() {
      expect((await sign({})).url).toMatch(/^\/files\/[^/]+\/t\/$/)
      expect((await sign({ entry: 'a b/index.m3u8' })).url).toMatch(/\/t\/a%20b\/index\.m3u8$/)
      await expect(sign({ entry: '../a' })).rejects.toMatchObject({ code: 'invalid_key' })
    },
  },
  ...presentationRows(byUrl, sign),
  maxDownloads: {
    default: 'no limit',
    async check() {
      const files = latchkeyWith({ ledger: memoryLedger({ now: () => NOW }) })
      for (const key of ['t/a', 't/b', 't/c']) await upload(files, key)
      const { url } = await files.signedTreeUrl('t/', { maxDownloads: 2 })
      for (const name of ['a', 'b']) expect(await textOf(await send(files, 'GET', url + name))).toBe('hello')
      expect(codeOf(await send(files, 'GET', `${url}c`))).toBe('exhausted')
      await expectInvalid(() => sign({ maxDownloads: 1 }))
    },
  },
  wholeMount: {
    default: 'false',
    async check() {
      const files = latchkeyWith()
      await upload(files, 'a')
      const { url } = await files.signedTreeUrl('', { wholeMount: true })
      expect((await send(files, 'GET', `${url}a`)).status).toBe(200)
      await expectInvalid(
        () => files.signedTreeUrl(''),
        () => files.signedTreeUrl('t/', { wholeMount: true }),
      )
    },
  },
}

export const cookieRows: Rows = {
  ...validityRows(cookie, 'value'),
  ...stableRow(cookie),
  ...presentationRows(byCookie, cookie),
  wholeMount: {
    default: 'false',
    async check() {
      const files = latchkeyWith()
      expect(await files.signedCookie('', { wholeMount: true })).toMatchObject({ path: '/files/' })
      await expectInvalid(
        () => files.signedCookie(''),
        () => files.signedCookie('t/', { wholeMount: true }),
      )
    },
  },
  sameSite: {
    default: 'lax',
    async check() {
      expect((await cookie({})).header).toContain('; SameSite=Lax')
      expect((await cookie({ sameSite: 'strict' })).header).toContain('; SameSite=Strict')
      expect((await cookie({ sameSite: 'none' })).header).toContain('; SameSite=None')
      await expectInvalid(
        () => cookie({ sameSite: 'None' as never }),
        () => latchkeyWith({ baseUrl: 'http://localhost/files' }).signedCookie('t/', { sameSite: 'none' }),
      )
    },
  },
  domain: {
    default: 'the host that sets it',
    async check() {
      expect((await cookie({})).header).not.toContain('Domain')
      const files = latchkeyWith({ baseUrl: 'https://files.example.com/files' })
      const { header } = await files.signedCookie('t/', { domain: 'example.com' })
      expect(header).toContain('; Domain=example.com;')
      await expectInvalid(
        () => files.signedCookie('t/', { domain: 'example.org' }),
        () => cookie({ domain: 'a; b' }),
      )
    },
  },
  secure: {
    default: 'true',
    async check() {
      expect((await cookie({})).header).toContain('; Secure')
      expect((await cookie({ secure: false })).header).not.toContain('Secure')
      const local = latchkeyWith({ baseUrl: 'http://localhost/files' })
      expect((await local.signedCookie('t/')).header).not.toContain('Secure')
      await expectInvalid(() => local.signedCookie('t/', { secure: true }))
    },
  },
}
