import assert from 'node:assert/strict'
import type { HttpCase } from '../http-case.js'
import { chunksOf, get, patternBytes, put, readUrl, sha256, targetOf, uploadUrl } from './exchange.js'
import { assertAbsent, assertStored, assertWhole, refused } from './expect.js'

const KEY = 'folder/a.bin'

/** What uploads store, and what they may replace. */
export const uploadCases: readonly HttpCase[] = [
  {
    name: 'an upload is answered with 201, and with what was stored',
    needs: ['everyKey'],
    async run(context) {
      const reply = await put(context, await uploadUrl(context, 'ü/a b.txt'), 'bytes', {
        'content-type': 'text/plain',
      })
      assert.equal(reply.status, 201)
      const stat = await assertStored(context, 'ü/a b.txt', 'bytes')
      assert.equal(reply.headers['content-type'], 'application/json')
      assert.equal(reply.headers['cache-control'], 'no-store')
      assert.equal(reply.headers.etag, stat.etag)
      assert.equal(targetOf(reply.headers.location ?? ''), `${context.mount}/%C3%BC/a%20b.txt`)
      assert.deepEqual(JSON.parse(reply.body.toString()), {
        key: 'ü/a b.txt',
        size: 5,
        contentType: 'text/plain',
        etag: stat.etag,
        visibility: 'private',
      })
    },
  },
  {
    name: 'an upload without a type gets that of its extension',
    needs: ['metadata'],
    async run(context) {
      for (const [key, type] of [
        ['a.png', 'image/png'],
        ['a', 'application/octet-stream'],
        ['a.html', 'text/html; charset=utf-8'],
      ] as const) {
        const reply = await put(context, await uploadUrl(context, key), 'bytes')
        assert.equal(JSON.parse(reply.body.toString()).contentType, type)
        assert.equal((await get(context, await readUrl(context, key))).headers['content-type'], type)
      }
    },
  },
  {
    name: 'an empty upload stores an empty object',
    async run(context) {
      for (const [key, body] of [
        ['announced', ''],
        ['chunked', chunksOf(Buffer.alloc(0))],
      ] as const) {
        assert.equal((await put(context, await uploadUrl(context, key), body)).status, 201)
        assert.equal((await assertStored(context, key, '')).size, 0)
      }
    },
  },
  ...(
    [
      ['with a length', (bytes: Buffer) => bytes],
      ['in chunks', (bytes: Buffer) => chunksOf(bytes)],
      ['in many small chunks', (bytes: Buffer) => chunksOf(bytes, 1777)],
    ] as const
  ).map(
    ([name, bodyOf]): HttpCase => ({
      name: `5 MiB sent ${name} come back unaltered`,
      async run(context) {
        const bytes = patternBytes(5 * 1024 * 1024 + 1)
        const reply = await put(context, await uploadUrl(context, KEY), bodyOf(bytes))
        assert.equal(reply.status, 201, reply.body.toString())
        assert.equal(JSON.parse(reply.body.toString()).size, bytes.byteLength)
        const back = await get(context, await readUrl(context, KEY))
        assert.equal(sha256(back.body), sha256(bytes))
      },
    }),
  ),
  {
    name: 'an upload URL that is used again is refused with 409',
    async run(context) {
      const url = await uploadUrl(context, KEY)
      assert.equal((await put(context, url, 'first')).status, 201)
      await refused(context, KEY, [409, 'exists'], () => put(context, url, 'second'))
      await refused(context, KEY, [409, 'exists'], () => put(context, url, chunksOf(patternBytes(300_000))))
      await assertStored(context, KEY, 'first')
    },
  },
  {
    name: 'allowOverwrite replaces with 200, and a new ETag',
    async run(context) {
      const before = await context.put(KEY, 'first')
      const reply = await put(context, await uploadUrl(context, KEY, { allowOverwrite: true }), 'second')
      assert.equal(reply.status, 200)
      const stat = await assertStored(context, KEY, 'second')
      assert.notEqual(stat.etag, before.stat.etag)
      assert.equal(reply.headers.etag, stat.etag)
    },
  },
  {
    name: 'allowOverwrite creates with 201',
    async run(context) {
      const url = await uploadUrl(context, KEY, { allowOverwrite: true })
      assert.equal((await put(context, url, 'first')).status, 201)
      assert.equal((await put(context, url, 'second')).status, 200)
    },
  },
  {
    name: 'a URL with ifMatch replaces that version alone, once',
    needs: ['strongEtags'],
    async run(context) {
      const { stat } = await context.put(KEY, 'first')
      const url = await uploadUrl(context, KEY, { ifMatch: stat.etag })
      assert.equal((await put(context, url, 'second')).status, 200)
      await refused(context, KEY, [412, 'precondition_failed'], () => put(context, url, 'third'))
      await assertStored(context, KEY, 'second')
    },
  },
  {
    name: 'a URL with ifMatch creates nothing',
    needs: ['strongEtags'],
    async run(context) {
      const url = await uploadUrl(context, KEY, { ifMatch: '"an-etag"' })
      await refused(context, KEY, [412, 'precondition_failed'], () => put(context, url, 'bytes'))
      await assertAbsent(context, KEY)
    },
  },
  {
    name: 'addRandomSuffix stores each upload under a key of its own, extension kept',
    async run(context) {
      const url = await uploadUrl(context, 'avatars/42.tar.gz', { addRandomSuffix: true })
      const keys: string[] = []
      for (const body of ['first', 'second']) {
        const reply = await put(context, url, body)
        assert.equal(reply.status, 201)
        const { key } = JSON.parse(reply.body.toString())
        assert.match(key, /^avatars\/42\.tar-[A-Za-z0-9_-]{22}\.gz$/)
        assert.equal(targetOf(reply.headers.location ?? ''), `${context.mount}/${key}`)
        assertWhole(await get(context, await readUrl(context, key)), body)
        keys.push(key)
      }
      assert.notEqual(keys[0], keys[1])
      await assertAbsent(context, 'avatars/42.tar.gz')
    },
  },
  {
    name: 'the cache age of an upload URL is the one that the object is served with',
    needs: ['metadata'],
    async run(context) {
      await put(context, await uploadUrl(context, KEY, { cacheControlMaxAge: 7 }), 'bytes')
      const { headers } = await get(context, await readUrl(context, KEY))
      assert.equal(headers['cache-control'], 'private, max-age=7')
    },
  },
  {
    name: 'query parameters beside the token change nothing of an upload',
    async run(context) {
      const url = await uploadUrl(context, KEY, { maxSize: 5 })
      const more = '&maxSize=100&m=100&allowOverwrite=true&w=1&visibility=public'
      await refused(context, KEY, [413, 'too_large'], () => put(context, url + more, 'too long'))
      assert.equal((await put(context, url + more, 'bytes')).status, 201)
      await refused(context, KEY, [409, 'exists'], () => put(context, url + more, 'other'))
    },
  },
  {
    name: 'a key whose folder is a file, or that is itself a folder, is stored or refused with 409',
    async run(context) {
      await context.put('a', 'file')
      await context.put('b/c', 'file')
      for (const key of ['a/x', 'b']) {
        const reply = await put(context, await uploadUrl(context, key), 'bytes')
        if (reply.status === 201) await assertStored(context, key, 'bytes')
        else assert.deepEqual([reply.status, JSON.parse(reply.body.toString()).code], [409, 'key_conflict'])
      }
      await assertStored(context, 'a', 'file')
      await assertStored(context, 'b/c', 'file')
    },
  },
]
