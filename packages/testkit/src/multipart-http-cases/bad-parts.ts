import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { HttpCase } from '../http-case.js'
import {
  patternBytes,
  pause,
  put,
  request,
  requestHead,
  sha256,
  targetOf,
  uploadUrl,
} from '../http-cases/exchange.js'
import { assertAbsent, assertProblem, assertStored } from '../http-cases/expect.js'
import { RawConnection } from '../http-cases/raw-connection.js'
import {
  assertClean,
  begin,
  complete,
  jsonOf,
  listed,
  partsCase,
  sendPart,
  upload,
  uploadAll,
} from './wire.js'

const BAD_NUMBERS = ['0', '10001', '-1', '1.5', '01', '1e3', '%31', '', 'x', '99999999999999999999']

/** Parts and lists that must be refused, and leave the upload as it was. */
export const badPartCases: readonly HttpCase[] = [
  partsCase('a part number out of 1 to 10 000 is 400 invalid_part', async (context) => {
    const begun = await begin(context, 'a.txt')
    for (const number of BAD_NUMBERS) {
      assertProblem(await sendPart(context, begun, number, 'x'), 400, 'invalid_part')
    }
    assertProblem(await sendPart(context, begun, '1&partNumber=2', 'x'), 400, 'invalid_part')
    assert.deepEqual(await listed(context, begun), [])
  }),
  partsCase('a part without an upload does not become the object', async (context) => {
    const url = await uploadUrl(context, 'a.txt')
    assertProblem(await put(context, `${url}&partNumber=1`, 'part'), 400, 'bad_request')
    await assertAbsent(context, 'a.txt')
    assert.equal((await put(context, `${url}&other=1`, 'whole')).status, 201)
  }),
  partsCase(
    'a list with a part that is missing, twice, out of order or another is 400 invalid_part',
    async (context) => {
      const begun = await begin(context, 'a.txt')
      const [one, two] = await uploadAll(context, begun, ['some ', 'text'])
      assert.ok(one && two)
      const lists: unknown[] = [
        [],
        [one, { ...two, partNumber: 3 }],
        [one, one],
        [two, one],
        [one, { ...two, etag: one.etag }],
        [{ ...one, etag: '"another"' }],
        [{ ...one, partNumber: '1' }],
        [{ ...one, partNumber: 1.5 }],
        [{ ...one, etag: 5 }],
        [{ partNumber: 1 }],
        [null],
        'text',
        { length: 1 },
      ]
      for (const parts of lists) assertProblem(await complete(context, begun, parts), 400, 'invalid_part')
      for (const text of ['', '{', '[]', 'null', '{"parts":1}']) {
        assertProblem(await complete(context, begun, text), 400, 'invalid_part')
      }
      await assertAbsent(context, 'a.txt')
      jsonOf(await complete(context, begun, [one, two]), 201)
    },
  ),
  partsCase('a list that is too long is 400, and the answer comes through', async (context) => {
    const begun = await begin(context, 'a.txt')
    assertProblem(await complete(context, begun, ' '.repeat(3 * 1024 * 1024)), 400, 'bad_request')
  }),
  partsCase('a part with another digest than announced is 400, and the one before stays', async (context) => {
    const begun = await begin(context, 'a.txt')
    const before = await upload(context, begun, 1, 'text')
    const digest = `sha-256=:${sha256(Buffer.from('else'))}:`
    const md5 = createHash('md5').update('else').digest('base64')
    assertProblem(
      await sendPart(context, begun, 1, 'text', { 'content-digest': digest }),
      400,
      'digest_mismatch',
    )
    assertProblem(await sendPart(context, begun, 2, 'text', { 'content-md5': md5 }), 400, 'digest_mismatch')
    assertProblem(await sendPart(context, begun, 2, 'text', { 'content-md5': 'junk' }), 400, 'bad_request')
    assert.deepEqual(await listed(context, begun), [[1, 4]])
    assert.equal((await sendPart(context, begun, 2, 'else', { 'content-digest': digest })).status, 200)
    assert.equal((await sendPart(context, begun, 2, 'else', { 'content-md5': md5 })).status, 200)
    await assertClean(context)
    jsonOf(await complete(context, begun, [before]), 201)
  }),
  partsCase('a coded or partial part is refused', async (context) => {
    const begun = await begin(context, 'a.txt')
    const coded = await sendPart(context, begun, 1, 'x', { 'content-encoding': 'gzip' })
    assertProblem(coded, 415, 'unsupported_encoding')
    const ranged = await sendPart(context, begun, 1, 'x', { 'content-range': 'bytes 0-0/2' })
    assertProblem(ranged, 400, 'bad_request')
    assert.deepEqual(await listed(context, begun), [])
  }),
  partsCase('a client that goes in the middle of a part leaves nothing of it', async (context) => {
    const begun = await begin(context, 'a.bin')
    const kept = await upload(context, begun, 1, 'kept')
    for (const fields of [['Content-Length: 400000'], ['Transfer-Encoding: chunked']]) {
      const connection = await RawConnection.open(context.origin)
      const target = `${targetOf(begun.url)}&uploadId=${begun.uploadId}&partNumber=1`
      await connection.write(requestHead('PUT', target, fields))
      if (fields[0]?.startsWith('T')) await connection.write('30d40\r\n')
      await connection.write(patternBytes(200_000))
      await pause(20)
      connection.reset()
    }
    await assertClean(context)
    assert.deepEqual(await listed(context, begun), [[1, 4]])
    jsonOf(await complete(context, begun, [kept]), 201)
    await assertStored(context, 'a.bin', 'kept')
  }),
  partsCase('a body that a parser has read is 500, not an empty part or list', async (context) => {
    const faults: unknown[] = []
    const files = context.another({ onError: (error) => faults.push(error) })
    const begun = await begin(context, 'a.txt')
    const target = targetOf(begun.url).slice(context.mount.length)
    for (const [method, query] of [
      ['PUT', '&partNumber=1'],
      ['POST', ''],
    ] as const) {
      const { status, body } = await files.handle({
        method,
        path: `${target}&uploadId=${begun.uploadId}${query}`,
        header: () => undefined,
        body: null,
        bodyAlreadyRead: true,
      })
      assert.equal(status, 500)
      assert.ok(typeof body === 'string' && JSON.parse(body).code === 'body_already_read')
    }
    assert.equal(faults.length, 2)
    assert.equal((await request(context, begun.url, { method: 'POST' })).status, 405)
  }),
]
