import assert from 'node:assert/strict'
import { CaseLedger } from '../download-limit-cases/case-ledger.js'
import type { HttpCase } from '../http-case.js'
import { get, head } from './exchange.js'
import { assertHeadOf, assertProblem, assertWhole } from './expect.js'
import { follow, OUTSIDE, PLAYLIST, PREFIX, tree } from './tree-case.js'

/** Tree URLs: a tree of relative references that inherit one token. */
export const treeUrlCases: readonly HttpCase[] = [
  {
    name: 'path token: a playlist and what it refers to are served by one URL',
    async run(context) {
      const url = await tree(context)
      assert.ok(url.endsWith(`/${PREFIX}`), url)
      const playlist = follow(url, 'index.m3u8')
      assertWhole(await get(context, playlist), 'playlist')
      const segment = follow(`${context.origin}${playlist}`, 'hd/0 1.ts')
      const reply = await get(context, segment)
      assertWhole(reply, 'segment')
      assert.equal(reply.headers['referrer-policy'], 'no-referrer')
      assert.match(reply.headers['cache-control'] ?? '', /^private, max-age=\d+$/)
      assertHeadOf(await head(context, segment), reply)
      // And back again from below.
      assertWhole(await get(context, follow(`${context.origin}${segment}`, '../index.m3u8?x=1')), 'playlist')
    },
  },
  {
    name: 'path token: entry names the object to begin with',
    async run(context) {
      const url = await tree(context, { entry: 'index.m3u8' })
      assertWhole(await get(context, url), 'playlist')
      for (const entry of ['', '/a', '../43/index.m3u8', 'a//b', 'a/', '.']) {
        await assert.rejects(context.files.signedTreeUrl(PREFIX, { entry }), { code: 'invalid_key' }, entry)
      }
    },
  },
  {
    name: 'path token: the whole mount is opened only where that is said',
    async run(context) {
      await tree(context)
      await assert.rejects(context.files.signedTreeUrl(''), { code: 'invalid_option' })
      await assert.rejects(context.files.signedTreeUrl(PREFIX, { wholeMount: true }), {
        code: 'invalid_option',
      })
      for (const prefix of [
        'videos',
        '/',
        '/videos/',
        'videos//',
        '../',
        'a\\b/',
        'a\n/',
        'x'.repeat(1024),
      ]) {
        await assert.rejects(context.files.signedTreeUrl(prefix), { code: 'invalid_key' }, prefix)
      }
      const { url } = await context.files.signedTreeUrl('', { wholeMount: true })
      assertWhole(await get(context, follow(url, PLAYLIST)), 'playlist')
      assertWhole(await get(context, follow(url, OUTSIDE)), 'outside')
    },
  },
  {
    name: 'path token: a prefix with characters of every kind is opened as itself',
    needs: ['everyKey'],
    async run(context) {
      for (const prefix of ['a b/100%/', 'übung/日本/📎/', "it's (1) *!~/", 'a+b&c=d;e/@:$,/', '%2F/?#/']) {
        await context.put(`${prefix}index.m3u8`, prefix)
        const { url } = await context.files.signedTreeUrl(prefix)
        assertWhole(await get(context, follow(url, 'index.m3u8')), prefix)
      }
    },
  },
  {
    name: 'path token: the longest token there is passes, and a longer one is refused where it is minted',
    async run(context) {
      await tree(context)
      const header = (length: number) => ({ responseHeaders: { 'x-robots-tag': 'x'.repeat(length) } })
      const { url } = await context.files.signedTreeUrl(PREFIX, { ...header(2000), subject: 's'.repeat(256) })
      assert.ok(url.length > 3000)
      const reply = await get(context, follow(url, 'index.m3u8'))
      assertWhole(reply, 'playlist')
      assert.equal(reply.headers['x-robots-tag']?.length, 2000)
      await assert.rejects(context.files.signedTreeUrl(PREFIX, header(2100)), { code: 'invalid_option' })
    },
  },
  {
    name: 'path token: how objects are presented holds for all of them, what is one object’s is refused',
    async run(context) {
      const url = await tree(context, { download: true, cacheControlMaxAge: 7 })
      const { headers } = await get(context, follow(url, 'index.m3u8'))
      assert.match(headers['content-disposition'] ?? '', /^attachment; filename="?index\.m3u8/)
      assert.equal(headers['cache-control'], 'private, max-age=7')
      for (const options of [
        { download: 'a name.txt' },
        { responseHeaders: { 'Content-Type': 'text/html' } },
        { responseHeaders: { 'content-encoding': 'gzip' } },
        { operations: ['delete'] },
        { ifMatch: '"x"' },
      ] as object[]) {
        await assert.rejects(context.files.signedTreeUrl(PREFIX, options), { code: 'invalid_option' })
      }
    },
  },
  {
    name: 'path token: each GET with bytes takes one of its downloads, whichever object it is for',
    async run(context) {
      const ledger = new CaseLedger()
      const counted = await context.serve({ ledger })
      const url = await tree(counted, { maxDownloads: 2 })
      assert.equal((await head(counted, follow(url, 'index.m3u8'))).status, 200)
      assertWhole(await get(counted, follow(url, 'index.m3u8')), 'playlist')
      assertWhole(await get(counted, follow(url, 'hd/0%201.ts')), 'segment')
      assertProblem(await get(counted, follow(url, 'index.m3u8')), 403, 'exhausted')
      await ledger.assertUsed(2)
      await assert.rejects(context.files.signedTreeUrl(PREFIX, { maxDownloads: 2 }), {
        code: 'invalid_option',
      })
    },
  },
]
