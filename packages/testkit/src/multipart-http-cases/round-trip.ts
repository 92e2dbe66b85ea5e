import assert from 'node:assert/strict'
import type { HttpCase } from '../http-case.js'
import { chunksOf, get, patternBytes, readUrl, uploadUrl } from '../http-cases/exchange.js'
import { assertAbsent, assertProblem, assertStored, assertWhole } from '../http-cases/expect.js'
import {
  abort,
  askToBegin,
  begin,
  complete,
  jsonOf,
  list,
  listed,
  partsCase,
  sendPart,
  upload,
  uploadAll,
} from './wire.js'

/** Uploads in parts that succeed, in JSON. */
export const roundTripCases: readonly HttpCase[] = [
  partsCase('parts sent at once and out of order become one object', async (context) => {
    const bytes = patternBytes(700_001)
    const begun = await begin(context, 'video.bin', {}, { 'content-type': 'video/mp4' })
    const slices = Array.from({ length: 8 }, (_, at) => bytes.subarray(at * 100_000, (at + 1) * 100_000))
    const order = [5, 1, 8, 3, 2, 7, 4, 6]
    const parts = await Promise.all(
      order.map((number) => upload(context, begun, number, slices[number - 1] ?? new Uint8Array())),
    )
    await assertAbsent(context, 'video.bin')
    assert.deepEqual(
      await listed(context, begun),
      slices.map(({ byteLength }, at) => [at + 1, byteLength]),
    )
    parts.sort((a, b) => a.partNumber - b.partNumber)
    const reply = await complete(context, begun, parts)
    const { etag, ...rest } = jsonOf(reply, 201)
    assert.deepEqual(rest, {
      key: 'video.bin',
      size: 700_001,
      contentType: 'video/mp4',
      visibility: 'private',
    })
    assert.equal(reply.headers.etag, etag)
    assert.equal(reply.headers.location, `https://files.example${context.mount}/video.bin`)
    const stat = await assertStored(context, 'video.bin', bytes)
    assert.deepEqual([stat.etag, stat.contentType], [etag, 'video/mp4'])
    const read = await get(context, await readUrl(context, 'video.bin'))
    assertWhole(read, bytes)
    assert.equal(read.headers['content-type'], 'video/mp4')
  }),
  partsCase('a chunked part, an empty part and gaps between the numbers', async (context) => {
    const begun = await begin(context, 'a.txt')
    const parts = [
      await upload(context, begun, 3, chunksOf(Buffer.from('some '), 2)),
      await upload(context, begun, 700, ''),
      await upload(context, begun, 10_000, 'text'),
    ]
    jsonOf(await complete(context, begun, parts), 201)
    const stat = await assertStored(context, 'a.txt', 'some text')
    assert.equal(stat.contentType, 'text/plain; charset=utf-8')
  }),
  partsCase('a part that is sent again replaces the one before, under another ETag', async (context) => {
    const begun = await begin(context, 'a.txt')
    const [old] = await uploadAll(context, begun, ['old'])
    const anew = await upload(context, begun, 1, 'new text')
    assert.notEqual(anew.etag, old?.etag)
    assert.deepEqual(await listed(context, begun), [[1, 8]])
    assertProblem(await complete(context, begun, [old]), 400, 'invalid_part')
    jsonOf(await complete(context, begun, [anew]), 201)
    await assertStored(context, 'a.txt', 'new text')
  }),
  partsCase('ETags may come without their quotes, and parts may be left out', async (context) => {
    const begun = await begin(context, 'a.txt')
    const [one, , three] = await uploadAll(context, begun, ['one', 'two', 'three'])
    const parts = [one, three].map((part) => ({ ...part, etag: part?.etag.slice(1, -1) }))
    jsonOf(await complete(context, begun, parts), 201)
    await assertStored(context, 'a.txt', 'onethree')
  }),
  partsCase('a completion that is repeated, also at once, gets the same answer', async (context) => {
    const begun = await begin(context, 'a.txt')
    const parts = await uploadAll(context, begun, ['some ', 'text'])
    const both = await Promise.all([complete(context, begun, parts), complete(context, begun, parts)])
    const replies = [...both, await complete(context, begun, parts)]
    assert.equal(new Set(replies.map(({ body }) => body.toString())).size, 1)
    for (const reply of replies) jsonOf(reply, 201)
    await assertStored(context, 'a.txt', 'some text')
    assertProblem(await list(context, begun), 404, 'upload_not_found')
    assertProblem(await sendPart(context, begun, 1, 'late'), 404, 'upload_not_found')
    assert.equal((await abort(context, begun)).status, 204)
    await assertStored(context, 'a.txt', 'some text')
  }),
  partsCase(
    'what an upload becomes is what it was begun with',
    async (context) => {
      const options = { visibility: 'public', cacheControlMaxAge: 77, allowOverwrite: true } as const
      await context.put('a.txt', 'old')
      const begun = await begin(context, 'a.txt', options, { 'content-type': 'text/markdown' })
      const reply = await complete(context, begun, await uploadAll(context, begun, ['new']))
      assert.equal(jsonOf(reply, 200).visibility, 'public')
      const { contentType, visibility, cacheControlMaxAge } = await assertStored(context, 'a.txt', 'new')
      assert.deepEqual([contentType, visibility, cacheControlMaxAge], ['text/markdown', 'public', 77])
    },
    { needs: ['metadata'] },
  ),
  partsCase('an upload with a random suffix goes on under the URL that it is given', async (context) => {
    const url = await uploadUrl(context, 'dir/a.txt', { addRandomSuffix: true, maxSize: 9 })
    const { key, uploadId, url: place } = jsonOf(await askToBegin(context, url), 200)
    assert.ok(typeof key === 'string' && typeof uploadId === 'string' && typeof place === 'string')
    assert.match(key, /^dir\/a-[\w-]{22}\.txt$/)
    assertProblem(await sendPart(context, { url, uploadId }, 1, 'x'), 404, 'upload_not_found')
    const begun = { key, uploadId, url: place }
    assertProblem(await sendPart(context, begun, 1, '10 letters'), 413, 'too_large')
    const parts = await uploadAll(context, begun, ['some ', 'text'])
    assert.equal(jsonOf(await complete(context, begun, parts), 201).key, key)
    await assertStored(context, key, 'some text')
    await assertAbsent(context, 'dir/a.txt')
    const other = jsonOf(await askToBegin(context, url), 200)
    assert.notEqual(other.key, key)
    assertProblem(
      await sendPart(context, { url: place, uploadId: String(other.uploadId) }, 1, 'x'),
      404,
      'upload_not_found',
    )
  }),
  partsCase('an aborted upload is gone, and aborting it again is no error', async (context) => {
    const begun = await begin(context, 'a.txt')
    const parts = await uploadAll(context, begun, ['some ', 'text'])
    for (let times = 0; times < 3; times++) {
      const { status, body } = await abort(context, begun)
      assert.deepEqual([status, body.byteLength], [204, 0])
    }
    assertProblem(await list(context, begun), 404, 'upload_not_found')
    assertProblem(await sendPart(context, begun, 1, 'x'), 404, 'upload_not_found')
    assertProblem(await complete(context, begun, parts), 404, 'upload_not_found')
    await assertAbsent(context, 'a.txt')
  }),
  partsCase('keys with reserved characters and Unicode', async (context) => {
    for (const key of ['a b/c+d&e=f;g', 'x<y>"z"&amp;\'.txt', 'ä/日本語 💾%2F?#.bin']) {
      const begun = await begin(context, key)
      const reply = jsonOf(await complete(context, begun, await uploadAll(context, begun, ['x'])), 201)
      assert.equal(reply.key, key)
      await assertStored(context, key, 'x')
    }
  }),
]
