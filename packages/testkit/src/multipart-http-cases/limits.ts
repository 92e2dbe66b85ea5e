import assert from 'node:assert/strict'
import type { HttpCase } from '../http-case.js'
import { chunksOf, patternBytes, requestHead, targetOf, uploadUrl } from '../http-cases/exchange.js'
import { assertAbsent, assertProblem, assertStored } from '../http-cases/expect.js'
import { RawConnection } from '../http-cases/raw-connection.js'
import {
  askToBegin,
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

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')

/** As `file-type` would: by the first bytes. */
function sniff(head: Uint8Array): { mime: string } | undefined {
  if (Buffer.from(head).subarray(0, 8).equals(PNG.subarray(0, 8))) return { mime: 'image/png' }
  return Buffer.from(head).toString('latin1').startsWith('GIF8') ? { mime: 'image/gif' } : undefined
}

/** Sizes and types, which hold for the object and not only for its parts. */
export const limitCases: readonly HttpCase[] = [
  partsCase('a part that is announced too large is 413', async (context) => {
    const begun = await begin(context, 'a.bin', { maxSize: 10 })
    assertProblem(await sendPart(context, begun, 1, '11 letters.'), 413, 'too_large')
    assert.deepEqual(await listed(context, begun), [])
    await assertClean(context)
  }),
  partsCase(
    'a chunked part that grows too large is 413 in mid-stream, and the answer comes through',
    async (context) => {
      const begun = await begin(context, 'a.bin', { maxSize: '1mb' })
      const reply = await sendPart(context, begun, 1, chunksOf(patternBytes(6 * 1024 * 1024)))
      assertProblem(reply, 413, 'too_large')
      assert.deepEqual(await listed(context, begun), [])
      await assertClean(context)
    },
  ),
  partsCase('a client that sends all before it reads still gets its 413', async (context) => {
    const begun = await begin(context, 'a.bin', { maxSize: 1000 })
    const connection = await RawConnection.open(context.origin)
    connection.pause()
    const bytes = patternBytes(3_000_000)
    const target = `${targetOf(begun.url)}&uploadId=${begun.uploadId}&partNumber=1`
    await connection.write(requestHead('PUT', target, [`Content-Length: ${bytes.byteLength}`]))
    await connection.write(bytes)
    connection.resume()
    assertProblem(await connection.reply('PUT'), 413, 'too_large')
    connection.destroy()
  }),
  partsCase('the sum of the parts is held to the limit, one after the other and at once', async (context) => {
    const begun = await begin(context, 'a.bin', { maxSize: 1000 })
    const kept = await upload(context, begun, 1, patternBytes(600))
    assertProblem(await sendPart(context, begun, 2, patternBytes(401)), 413, 'too_large')
    const replies = await Promise.all(
      [2, 3, 4, 5].map((number) => sendPart(context, begun, number, patternBytes(300))),
    )
    assert.equal(replies.filter(({ status }) => status === 200).length, 1)
    for (const reply of replies) if (reply.status !== 200) assertProblem(reply, 413, 'too_large')
    const total = (await listed(context, begun)).reduce((sum, [, size]) => sum + size, 0)
    assert.equal(total, 900)
    assert.equal((await sendPart(context, begun, 1, patternBytes(700))).status, 200)
    assertProblem(await sendPart(context, begun, 1, patternBytes(701)), 413, 'too_large')
    assertProblem(await complete(context, begun, [kept]), 400, 'invalid_part')
  }),
  partsCase('a smaller limit of the token that completes holds, too', async (context) => {
    const begun = await begin(context, 'a.bin', { maxSize: 1000 })
    const parts = await uploadAll(context, begun, [patternBytes(300), patternBytes(300)])
    const narrow = { ...begun, url: await uploadUrl(context, 'a.bin', { maxSize: 599 }) }
    assertProblem(await complete(context, narrow, parts), 413, 'too_large')
    assertProblem(await sendPart(context, narrow, 3, 'x'), 413, 'too_large')
    await assertAbsent(context, 'a.bin')
    const wide = { ...begun, url: await uploadUrl(context, 'a.bin', { maxSize: '1gb' }) }
    assertProblem(await sendPart(context, wide, 3, patternBytes(401)), 413, 'too_large')
    jsonOf(await complete(context, wide, parts), 201)
  }),
  partsCase(
    'a limit of 0 allows the empty object, and the limit of the mount holds without one',
    async (context) => {
      const nothing = await begin(context, 'nothing.bin', { maxSize: 0 })
      assertProblem(await sendPart(context, nothing, 1, 'x'), 413, 'too_large')
      jsonOf(await complete(context, nothing, await uploadAll(context, nothing, [''])), 201)
      await assertStored(context, 'nothing.bin', '')
      const small = await begin(context, 'small.bin')
      assertProblem(await sendPart(context, small, 1, patternBytes(2001)), 413, 'too_large')
    },
    { options: { maxUploadSize: 2000 } },
  ),
  partsCase('an upload of a type that is not allowed does not begin', async (context) => {
    for (const [type, allowedTypes] of [
      ['text/html', ['image/*']],
      ['image/png, text/html', ['image/*']],
      ['image/pngx', ['image/png']],
      ['image/png', []],
    ] as const) {
      const url = await uploadUrl(context, 'a.png', { allowedTypes })
      assertProblem(await askToBegin(context, url, { 'content-type': type }), 415, 'type_not_allowed')
    }
    await begin(context, 'a.png', { allowedTypes: ['image/*'] })
  }),
  partsCase('a token for other types cannot go on with an upload', async (context) => {
    const begun = await begin(context, 'a.png', {}, { 'content-type': 'text/html' })
    const url = await uploadUrl(context, 'a.png', { allowedTypes: ['image/*'] })
    assertProblem(await sendPart(context, { ...begun, url }, 1, 'x'), 415, 'type_not_allowed')
    const parts = await uploadAll(context, begun, ['x'])
    assertProblem(await complete(context, { ...begun, url }, parts), 415, 'type_not_allowed')
    await assertAbsent(context, 'a.png')
  }),
  partsCase(
    'the first bytes are looked at when the parts come together',
    async (context) => {
      const begun = await begin(context, 'a.png', { allowedTypes: ['image/*'] })
      const [, tail] = await uploadAll(context, begun, ['<script>', PNG.subarray(5)])
      assert.ok(tail)
      assertProblem(
        await complete(context, begun, await uploadAll(context, begun, ['<script>'])),
        415,
        'type_not_allowed',
      )
      const gif = [await upload(context, begun, 1, 'GIF89a')]
      const url = await uploadUrl(context, 'a.png', { allowedTypes: ['image/png'] })
      assertProblem(await complete(context, { ...begun, url }, gif), 415, 'type_not_allowed')
      await assertAbsent(context, 'a.png')
      const head = await upload(context, begun, 1, PNG.subarray(0, 5))
      jsonOf(await complete(context, begun, [head, tail]), 201)
      await assertStored(context, 'a.png', PNG)
    },
    { options: { sniff } },
  ),
]
