import { expect, test } from 'vitest'
import { guardJson } from '../../src/http/minting/json-guard.js'

const lists = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
const objects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`

test.each([
  lists(8),
  objects(8),
  '{"a":{"a":1},"b":[{"a":1},{"a":2}]}',
  '{"a":"a","b":"\\"a\\":"}',
  '["a","a"]',
  '{"a":"}","b":"{","c":"[[[[[[[[[["}',
  '"\\\\"',
])('%s is let through', (text) => {
  expect(() => guardJson(text)).not.toThrow()
})

test.each([
  lists(9),
  objects(9),
  '['.repeat(9),
  '{"a":1,"a":1}',
  '{"a":1,"b":{},"a":1}',
  '[{"x":{"a":[],"a":1}}]',
  '{"a":1,"\\u0061":2}',
  '{"__proto__":1,"__proto__":2}',
  '{"":1,"":2}',
])('%s is refused', (text) => {
  expect(() => guardJson(text)).toThrow(expect.objectContaining({ code: 'bad_request' }))
})

test.each<[string, string]>([
  ['escaped quotes', '\\"'.repeat(500_000)],
  ['quotes', '"'.repeat(1_000_000)],
  ['a string without end', `"${'\\"'.repeat(500_000)}`],
  ['colons', ':'.repeat(1_000_000)],
  ['closing brackets', ']'.repeat(1_000_000)],
])('a million %s take no time', (_name, text) => {
  const start = performance.now()
  guardJson(text)
  expect(performance.now() - start).toBeLessThan(1_000)
})

test('a long string is not read again for every colon behind it', () => {
  const start = performance.now()
  const text = `["${'\\u0041'.repeat(80_000)}"${',{:}'.repeat(120_000)}]`
  expect(() => guardJson(text)).toThrow(SyntaxError)
  expect(performance.now() - start).toBeLessThan(1_000)
})
