import { expect, test } from 'vitest'
import { matchesStrongly, matchesWeakly, parseEntityTags } from '../../src/http/entity-tags.js'

test.each([
  ['*', '*'],
  [' * ', '*'],
  ['"a"', ['"a"']],
  ['"a", W/"b" ,"c"', ['"a"', 'W/"b"', '"c"']],
  ['"a,b"', ['"a,b"']],
  ['""', ['""']],
  [', "a",, "b",', ['"a"', '"b"']],
  ['"\u00e9"', ['"\u00e9"']],
  ['a', undefined],
  ['"a" "b"', undefined],
  ['w/"a"', undefined],
  ['"a', undefined],
  ['"a", *', undefined],
  ['"a b"', undefined],
  ['', undefined],
  [' , ', undefined],
])('%j', (text, expected) => {
  expect(parseEntityTags(text)).toEqual(expected)
})

test('a long malformed list is refused in linear time', () => {
  const start = performance.now()
  expect(parseEntityTags(`${'"a", '.repeat(20_000)}"`)).toBeUndefined()
  expect(parseEntityTags(`${' '.repeat(200_000)}x`)).toBeUndefined()
  expect(performance.now() - start).toBeLessThan(1_000)
})

test('strong comparison takes no weak tag, weak comparison takes both', () => {
  expect(matchesStrongly(['W/"a"'], '"a"')).toBe(false)
  expect(matchesStrongly(['"a"'], '"a"')).toBe(true)
  expect(matchesStrongly(['W/"a"'], 'W/"a"')).toBe(false)
  expect(matchesStrongly('*', '"a"')).toBe(true)
  expect(matchesWeakly(['W/"a"'], '"a"')).toBe(true)
  expect(matchesWeakly(['"a"'], 'W/"a"')).toBe(true)
  expect(matchesWeakly(['"b"'], '"a"')).toBe(false)
})
