import type { ByteRange } from '@latchkey/core'
import type { DriverCase } from '../driver-case.js'
import { assertBytes, assertNothingLeft, bytesOf, get, put } from './objects.js'

function rangeCase(name: string, size: number, rangesOf: (last: number) => ByteRange[]): DriverCase {
  return {
    name,
    needs: ['ranges'],
    async run(context) {
      const bytes = bytesOf(size)
      await put(context.driver, 'ranged', bytes)
      for (const range of rangesOf(size - 1)) {
        const expected = bytes.subarray(range.first, range.last + 1)
        assertBytes(await get(context.driver, 'ranged', range), expected, `${range.first}-${range.last}`)
      }
      await assertNothingLeft(context)
    },
  }
}

export const rangeCases: readonly DriverCase[] = [
  rangeCase('the first byte alone', 1000, () => [{ first: 0, last: 0 }]),
  rangeCase('the last byte alone', 1000, (last) => [{ first: last, last }]),
  rangeCase('the middle of a small object', 1000, () => [
    { first: 1, last: 1 },
    { first: 10, last: 989 },
    { first: 499, last: 500 },
  ]),
  rangeCase('the whole object as a range', 1000, (last) => [{ first: 0, last }]),
  rangeCase('ranges of a large object, small and large', 2_000_003, (last) => [
    { first: 0, last: 0 },
    { first: last, last },
    { first: 0, last },
    { first: 1, last: last - 1 },
    { first: 65_535, last: 65_537 },
    { first: 1_000_000, last: 1_065_535 },
    { first: 1_000_000, last: 1_065_536 },
    { first: 262_143, last: 786_432 },
    { first: last - 262_144, last },
  ]),
]
