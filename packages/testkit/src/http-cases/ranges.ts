import assert from 'node:assert/strict'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import { get, patternBytes, readUrl } from './exchange.js'
import { assertNotStored, assertPart, assertProblem, assertWhole, refused } from './expect.js'

const OBJECT = patternBytes(200_000)
const SIZE = OBJECT.byteLength
const LAST = SIZE - 1

async function stored(context: HttpCaseContext): Promise<string> {
  await context.put('object.bin', OBJECT)
  return readUrl(context, 'object.bin')
}

const PARTS: readonly (readonly [name: string, range: string, first: number, last: number])[] = [
  ['the first byte', 'bytes=0-0', 0, 0],
  ['the last byte', `bytes=${LAST}-${LAST}`, LAST, LAST],
  ['bytes in the middle', 'bytes=70000-140000', 70_000, 140_000],
  ['all bytes', `bytes=0-${LAST}`, 0, LAST],
  ['an open range', 'bytes=199990-', 199_990, LAST],
  ['an open range from the start', 'bytes=0-', 0, LAST],
  ['an open range at the last byte', `bytes=${LAST}-`, LAST, LAST],
  ['a suffix', 'bytes=-10', SIZE - 10, LAST],
  ['a suffix as long as the object', `bytes=-${SIZE}`, 0, LAST],
  ['a suffix longer than the object', `bytes=-${SIZE + 1}`, 0, LAST],
  ['an end one past the object', `bytes=100-${SIZE}`, 100, LAST],
  ['an end far past the object', 'bytes=100-99999999999999999999999', 100, LAST],
  ['a suffix of a huge length', 'bytes=-99999999999999999999999', 0, LAST],
  ['a unit in upper case', 'BYTES=5-6', 5, 6],
  ['leading zeros', 'bytes=0005-0006', 5, 6],
]

const IGNORED: readonly (readonly [name: string, range: string])[] = [
  ['an end before the start', 'bytes=6-5'],
  ['no numbers', 'bytes=-'],
  ['no set at all', 'bytes='],
  ['no equals sign', 'bytes 0-1'],
  ['letters', 'bytes=a-b'],
  ['a negative start', 'bytes=--1'],
  ['three numbers', 'bytes=1-2-3'],
  ['a fraction', 'bytes=1.5-2'],
  ['a sign', 'bytes=+1-2'],
  ['hexadecimal numbers', 'bytes=0x1-0x2'],
  ['another unit', 'items=0-1'],
  ['several ranges', 'bytes=0-1,5-6'],
  ['several ranges, one of them unsatisfiable', 'bytes=0-1, 900000-'],
]

const UNSATISFIABLE: readonly (readonly [name: string, range: string])[] = [
  ['a start at the end of the object', `bytes=${SIZE}-`],
  ['a start past the object', `bytes=${SIZE + 5}-${SIZE + 9}`],
  ['a start of a huge number', 'bytes=99999999999999999999999-'],
  ['a suffix of nothing', 'bytes=-0'],
]

/** Single ranges (RFC 9110, section 14). */
export const rangeCases: readonly HttpCase[] = [
  ...PARTS.map(
    ([name, range, first, last]): HttpCase => ({
      name: `Range with ${name} is answered with 206 and just those bytes`,
      needs: ['ranges'],
      async run(context) {
        assertPart(await get(context, await stored(context), { range }), OBJECT, first, last)
      },
    }),
  ),
  ...IGNORED.map(
    ([name, range]): HttpCase => ({
      name: `Range with ${name} is ignored`,
      async run(context) {
        assertWhole(await get(context, await stored(context), { range }), OBJECT)
      },
    }),
  ),
  ...UNSATISFIABLE.map(
    ([name, range]): HttpCase => ({
      name: `Range with ${name} is refused with 416 and the size`,
      needs: ['ranges'],
      async run(context) {
        const url = await stored(context)
        const reply = await refused(context, 'object.bin', [416, 'range_not_satisfiable'], () =>
          get(context, url, { range }),
        )
        assert.equal(reply.headers['content-range'], `bytes */${SIZE}`)
        assertNotStored(reply)
      },
    }),
  ),
  {
    name: 'two Range fields are ignored',
    async run(context) {
      assertWhole(await get(context, await stored(context), { range: ['bytes=0-1', 'bytes=4-5'] }), OBJECT)
    },
  },
  {
    name: 'an empty object has no range: an open one is 416, a suffix the whole',
    needs: ['ranges'],
    async run(context) {
      await context.put('empty.bin', '')
      const url = await readUrl(context, 'empty.bin')
      const reply = await get(context, url, { range: 'bytes=0-' })
      assertProblem(reply, 416, 'range_not_satisfiable')
      assert.equal(reply.headers['content-range'], 'bytes */0')
      assertWhole(await get(context, url, { range: 'bytes=-5' }), '')
    },
  },
  {
    name: 'a 206 carries what the 200 carries, but for length and range',
    needs: ['ranges'],
    async run(context) {
      const url = await stored(context)
      const whole = await get(context, url)
      const part = await get(context, url, { range: 'bytes=0-9' })
      assert.equal(whole.headers['accept-ranges'], 'bytes')
      for (const name of [
        'etag',
        'last-modified',
        'content-type',
        'cache-control',
        'accept-ranges',
        'vary',
      ]) {
        assert.equal(part.headers[name], whole.headers[name], name)
      }
    },
  },
  {
    name: 'the parts of an object, put together, are the object',
    needs: ['ranges'],
    async run(context) {
      const url = await stored(context)
      const parts: Buffer[] = []
      for (let first = 0; first < SIZE; first += 65_537) {
        const last = Math.min(first + 65_536, LAST)
        const reply = await get(context, url, { range: `bytes=${first}-${last}` })
        assertPart(reply, OBJECT, first, last)
        parts.push(reply.body)
      }
      assert.ok(Buffer.concat(parts).equals(OBJECT))
    },
  },
]
