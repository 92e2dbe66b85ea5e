import assert from 'node:assert/strict'
import type { DriverCase } from '../driver-case.js'
import {
  assertBytes,
  assertNothingLeft,
  collect,
  get,
  open,
  overwrittenBody,
  put,
  stat,
} from '../driver-cases/objects.js'
import { multipartCase, partBytes, Upload } from './uploads.js'

export const roundTripCases: readonly DriverCase[] = [
  multipartCase('40 parts of odd sizes become one object, byte for byte', async (context) => {
    const sizes = Array.from({ length: 40 }, (_, at) => 1 + ((at * 7919) % 150_001))
    const upload = await Upload.begin(context.driver, 'folder/forty')
    for (const [at, size] of sizes.entries()) await upload.part(at + 1, size)
    const { stat, created } = await upload.complete()
    const expected = Buffer.concat(sizes.map((size, at) => partBytes(at + 1, size)))
    assert.equal(created, true)
    assert.equal(stat.size, expected.byteLength)
    assert.deepEqual(await context.driver.stat('folder/forty'), stat)
    assertBytes(await get(context.driver, 'folder/forty'), expected)
    await assertNothingLeft(context)
  }),
  multipartCase('a chunk of a part that is given back is needed no more', async ({ driver }) => {
    const upload = await Upload.begin(driver, 'given-back')
    const bytes = partBytes(1, 1_500_000)
    await upload.write(1, overwrittenBody(bytes, 65_536, 5, 4096), { size: bytes.byteLength })
    await upload.write(2, overwrittenBody(bytes, 300_001))
    await upload.complete()
    assertBytes(await get(driver, 'given-back'), Buffer.concat([bytes, bytes]))
  }),
  multipartCase('the order is that of the numbers, not that of the uploads', async ({ driver }) => {
    const upload = await Upload.begin(driver, 'shuffled')
    for (const partNumber of [7, 10_000, 1, 300, 2]) await upload.write(partNumber, `<${partNumber}>`)
    await upload.complete()
    assertBytes(await get(driver, 'shuffled'), '<1><2><7><300><10000>')
  }),
  multipartCase('parts may be uploaded in parallel', async (context) => {
    const numbers = Array.from({ length: 24 }, (_, at) => at + 1)
    const upload = await Upload.begin(context.driver, 'parallel')
    const parts = await Promise.all(numbers.map((number) => upload.part(number, 30_000 + number)))
    assert.deepEqual(await upload.list(), parts)
    await upload.complete(parts)
    const expected = Buffer.concat(numbers.map((number) => partBytes(number, 30_000 + number)))
    assertBytes(await get(context.driver, 'parallel'), expected)
    await assertNothingLeft(context)
  }),
  multipartCase('one part is enough', async ({ driver }) => {
    const upload = await Upload.begin(driver, 'single')
    const part = await upload.write(5, 'all of it')
    assert.equal(part.partNumber, 5)
    assert.equal(part.size, 9)
    await upload.complete([part])
    assertBytes(await get(driver, 'single'), 'all of it')
  }),
  multipartCase('a part may be empty: alone, last or between', async ({ driver }) => {
    const alone = await Upload.begin(driver, 'empty')
    await alone.write(1, '')
    assert.equal((await alone.complete()).stat.size, 0)
    assertBytes(await get(driver, 'empty'), '')
    const among = await Upload.begin(driver, 'with-empty')
    for (const [at, text] of ['a', '', 'b', ''].entries()) await among.write(at + 1, text)
    await among.complete()
    assertBytes(await get(driver, 'with-empty'), 'ab')
  }),
  multipartCase('a part uploaded again replaces the first', async (context) => {
    const upload = await Upload.begin(context.driver, 'replaced')
    const first = await upload.write(1, 'first')
    await upload.write(2, '-end')
    const second = await upload.write(1, 'second')
    assert.notEqual(second.etag, first.etag)
    assert.deepEqual(
      (await upload.list()).map(({ size }) => size),
      [6, 4],
    )
    await assertNothingLeft(context)
    await upload.complete()
    assertBytes(await get(context.driver, 'replaced'), 'second-end')
  }),
  multipartCase('the same bytes uploaded again have another ETag', async ({ driver }) => {
    const upload = await Upload.begin(driver, 'again')
    const etags = new Set<string>()
    for (let turn = 0; turn < 5; turn++) etags.add((await upload.write(1, 'same')).etag)
    assert.equal(etags.size, 5)
    for (const etag of etags) assert.match(etag, /^"[\x21\x23-\x7e]+"$/)
  }),
  multipartCase('parts that the list leaves out are not part of the object', async (context) => {
    const upload = await Upload.begin(context.driver, 'chosen')
    const parts = [await upload.write(1, 'a'), await upload.write(2, 'b'), await upload.write(3, 'c')]
    await upload.complete(parts.filter(({ partNumber }) => partNumber !== 2))
    assertBytes(await get(context.driver, 'chosen'), 'ac')
    await assertNothingLeft(context)
  }),
  multipartCase(
    'type, visibility and cache age are those of the beginning',
    async ({ driver }) => {
      const metadata = { contentType: 'video/mp4', visibility: 'public', cacheControlMaxAge: 60 } as const
      const upload = await Upload.begin(driver, 'described', metadata)
      await upload.write(1, 'x')
      const result = await upload.complete()
      const found = await stat(driver, 'described')
      for (const seen of [result.stat, found]) {
        assert.equal(seen.contentType, 'video/mp4')
        assert.equal(seen.visibility, 'public')
        assert.equal(seen.cacheControlMaxAge, 60)
      }
    },
    'metadata',
  ),
  multipartCase('an upload shows nothing of itself before it completes', async (context) => {
    const { stat: old } = await put(context.driver, 'kept', 'old')
    const upload = await Upload.begin(context.driver, 'kept')
    await upload.write(1, 'new')
    assert.deepEqual(await context.driver.stat('kept'), old)
    const reader = await open(context.driver, 'kept')
    const { created, stat } = await upload.complete()
    assert.equal(created, false)
    assert.notEqual(stat.etag, old.etag)
    assertBytes(await collect(await reader.read()), 'old', 'what was opened before')
    assertBytes(await get(context.driver, 'kept'), 'new')
  }),
  multipartCase('uploads to one key are apart, and each id is another', async ({ driver }) => {
    const [a, b] = await Promise.all([Upload.begin(driver, 'twice'), Upload.begin(driver, 'twice')])
    assert.notEqual(a.id, b.id)
    assert.match(a.id, /^[\w.~-]{22,}$/, 'safe in a URL, at least 128 bits')
    await a.write(1, 'a')
    await b.write(1, 'b')
    await a.complete()
    await b.complete()
    assertBytes(await get(driver, 'twice'), 'b')
  }),
]
