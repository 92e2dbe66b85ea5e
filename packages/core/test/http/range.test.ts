import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRange } from '../../src/http/range.js'

test.each([
  ['bytes=0-0', 10, { first: 0, last: 0 }],
  ['bytes=9-9', 10, { first: 9, last: 9 }],
  ['bytes=2-', 10, { first: 2, last: 9 }],
  ['bytes=0-99', 10, { first: 0, last: 9 }],
  ['bytes=-3', 10, { first: 7, last: 9 }],
  ['bytes=-30', 10, { first: 0, last: 9 }],
  ['BYTES=1-2', 10, { first: 1, last: 2 }],
  ['bytes= 1-2 ', 10, { first: 1, last: 2 }],
  ['bytes=0-999999999999999999999999', 10, { first: 0, last: 9 }],
  ['bytes=10-', 10, 'unsatisfiable'],
  ['bytes=10-20', 10, 'unsatisfiable'],
  ['bytes=-0', 10, 'unsatisfiable'],
  ['bytes=0-', 0, 'unsatisfiable'],
  ['bytes=999999999999999999999999-', 10, 'unsatisfiable'],
  ['bytes=-5', 0, undefined],
  ['bytes=2-1', 10, undefined],
  ['bytes=0-0,2-3', 10, undefined],
  ['bytes=-', 10, undefined],
  ['bytes=', 10, undefined],
  ['bytes=a-b', 10, undefined],
  ['bytes=0x1-2', 10, undefined],
  ['bytes=1.5-2', 10, undefined],
  ['bytes 0-1', 10, undefined],
  ['items=0-1', 10, undefined],
  ['', 10, undefined],
])('%s of %d bytes', (field, size, expected) => {
  expect(parseRange(field, size)).toEqual(expected)
})

test('a range never leaves the object', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.option(fc.nat(), { nil: '' }),
      fc.option(fc.nat(), { nil: '' }),
      (size, a, b) => {
        const range = parseRange(`bytes=${a}-${b}`, size)
        if (typeof range === 'object') {
          expect(range.first).toBeGreaterThanOrEqual(0)
          expect(range.first).toBeLessThanOrEqual(range.last)
          expect(range.last).toBeLessThan(size)
        }
      },
    ),
  )
})
