import { expect, test } from 'vitest'
import { createKeyRing, type GrantFields, mint, type Operation } from '../../src/token/index.js'
import { AUDIENCE, END, forged, KEY, keys, minted, SECRET } from './tools.js'

const operations: Operation[] = ['get', 'head']

test('a token says what it was minted with, whatever the one before it said', () => {
  const rows: [Partial<GrantFields>, string][] = [
    [{}, `e${END}~ogh`],
    [{ maxSize: 5 }, `e${END}~m5~ogh`],
    [{}, `e${END}~ogh`],
    [{ operations: ['get'] }, `e${END}~og`],
    [{ operations: ['head'] }, `e${END}~oh`],
    [{ operations: ['get', 'head', 'delete'] }, `e${END}~odgh`],
    [{ expires: END + 1 }, `e${END + 1}~ogh`],
    [{ notBefore: 7 }, `e${END}~n7~ogh`],
    [{ expires: END + 1 }, `e${END + 1}~ogh`],
    [{ maxSize: undefined } as object, `e${END}~ogh`],
    [{}, `e${END}~ogh`],
  ]
  for (const [fields, block] of rows) expect(minted(fields)).toBe(forged(block))
})

test('a list of operations that is changed later changes what is minted from it', () => {
  // At a time of its own, so that it is this very list that is minted from last.
  const fields = { expires: END + 99, operations }
  const once = () => mint({ keys, audience: AUDIENCE, scope: { key: KEY }, fields })
  expect(once()).toBe(forged(`e${END + 99}~ogh`))
  operations.pop()
  expect(once()).toBe(forged(`e${END + 99}~og`))
})

test('a token names the key that signs, and not the one that signed before', () => {
  const rotated = createKeyRing([
    { id: 'k2', secret: SECRET },
    { id: 'k1', secret: SECRET },
  ])
  const fields = { expires: END, operations: ['get'] } as const
  const tokens = [keys, rotated, keys].map((ring) =>
    mint({ keys: ring, audience: AUDIENCE, scope: { key: KEY }, fields }),
  )
  expect(tokens.map((token) => String(token).slice(0, 3))).toEqual(['k1.', 'k2.', 'k1.'])
})

test.each<[string, Partial<GrantFields>]>([
  ['no operation', { operations: [] }],
  ['an operation that there is not', { operations: ['get', 'list' as Operation] }],
  ['a time that is none', { expires: 1.5 }],
])('what is out of bounds is refused as often as it is tried: %s', (_, fields) => {
  for (let turn = 0; turn < 2; turn++) {
    expect(() => minted(fields)).toThrow(expect.objectContaining({ code: 'invalid_option' }))
  }
})
