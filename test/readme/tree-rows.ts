import type { TreeUrlOptions } from '@latchkey/core'
import { expect } from 'vitest'
import { memoryLedger } from '../../packages/ledgers/src/memory/index.js'
import { codeOf, expectInvalid, latchkeyWith, NOW, send, textOf, upload } from './exchange.js'
import type { Rows } from './rows.js'
import { validityRows } from './validity-rows.js'

const sign = (options: TreeUrlOptions) => latchkeyWith().signedTreeUrl('t/', options)

/** The reply for `t/a.html` of a tree with these options. */
async function readBelow(options: TreeUrlOptions) {
  const files = latchkeyWith()
  await upload(files, 't/a.html')
  return send(files, 'GET', `${(await files.signedTreeUrl('t/', options)).url}a.html`)
}

export const treeUrlRows: Rows = {
  ...validityRows(sign),
  entry: {
    default: 'none',
    async check() {
      expect((await sign({})).url).toMatch(/^\/files\/[^/]+\/t\/$/)
      expect((await sign({ entry: 'a b/index.m3u8' })).url).toMatch(/\/t\/a%20b\/index\.m3u8$/)
      await expect(sign({ entry: '../a' })).rejects.toMatchObject({ code: 'invalid_key' })
    },
  },
  download: {
    default: 'by type',
    async check() {
      for (const [download, expected] of [
        [undefined, 'attachment'],
        [true, 'attachment'],
        [false, 'inline'],
      ] as const) {
        const { headers } = await readBelow(download === undefined ? {} : { download })
        expect(headers['content-disposition']).toMatch(new RegExp(`^${expected}`))
      }
      await expectInvalid(() => sign({ download: 'a name' as never }))
    },
  },
  cacheControlMaxAge: {
    default: '300',
    async check() {
      expect((await readBelow({})).headers['cache-control']).toBe('private, max-age=300')
      expect((await readBelow({ cacheControlMaxAge: 7 })).headers['cache-control']).toBe('private, max-age=7')
      await expectInvalid(() => sign({ cacheControlMaxAge: -1 }))
    },
  },
  responseHeaders: {
    default: 'none',
    async check() {
      const reply = await readBelow({ responseHeaders: { 'x-robots-tag': 'noindex' } })
      expect(reply.headers['x-robots-tag']).toBe('noindex')
      for (const name of ['content-type', 'content-encoding', 'set-cookie']) {
        await expectInvalid(() => sign({ responseHeaders: { [name]: 'x/y' } }))
      }
    },
  },
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
