import { expect, test } from 'vitest'
import { parseHttpDate } from '../../src/http/http-date.js'

const SECONDS = Date.UTC(1994, 10, 6, 8, 49, 37) / 1000

test.each([
  ['Sun, 06 Nov 1994 08:49:37 GMT', SECONDS],
  ['Sunday, 06-Nov-94 08:49:37 GMT', SECONDS],
  ['Sun Nov  6 08:49:37 1994', SECONDS],
  ['1994-11-06T08:49:37Z', undefined],
  ['Sun, 06 Nov 1994 08:49:37 +0100', undefined],
  ['06 Nov 1994', undefined],
  ['784111777', undefined],
  ['tomorrow', undefined],
  ['Sun, 99 Nov 1994 08:49:37 GMT', undefined],
  ['', undefined],
])('%s', (text, expected) => {
  expect(parseHttpDate(text)).toBe(expected)
})
