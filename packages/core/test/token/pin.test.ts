import { expect, test } from 'vitest'
import { attenuate, type GrantFields, type UploadPin, verify } from '../../src/token/index.js'
import { codeOf, minted, request } from './tools.js'

function pinAfter(...pins: UploadPin[]): UploadPin | 'nothing is granted' | undefined {
  let token = minted({ operations: ['put'] })
  for (const pin of pins) token = String(attenuate(token, { fields: { pin } }))
  const result = verify({ ...request, token, operation: 'put' })
  if (result instanceof Promise) throw new Error('node:crypto is synchronous')
  return result.ok ? result.grant.pin : 'nothing is granted'
}

const whole = { uploadId: 'u1' }
const [one, two] = [
  { uploadId: 'u1', partNumber: 1 },
  { uploadId: 'u1', partNumber: 2 },
]

test('a pin narrows to a part of its upload, and to nothing else', () => {
  expect(pinAfter()).toBeUndefined()
  expect(pinAfter(whole)).toEqual(whole)
  expect(pinAfter(whole, whole)).toEqual(whole)
  expect(pinAfter(whole, one)).toEqual(one)
  expect(pinAfter(one, one)).toEqual(one)
  expect(pinAfter(whole, one, one)).toEqual(one)
  const none = 'nothing is granted'
  expect(pinAfter(one, two)).toBe(none)
  expect(pinAfter(one, whole)).toBe(none)
  expect(pinAfter(whole, { uploadId: 'u2' })).toBe(none)
  expect(pinAfter(whole, { uploadId: 'u2', partNumber: 1 })).toBe(none)
  expect(pinAfter(one, { uploadId: 'u2', partNumber: 1 })).toBe(none)
  expect(pinAfter(whole, { uploadId: 'u2' }, whole)).toBe(none)
})

test.each<[string, unknown]>([
  ['no id', { uploadId: '' }],
  ['an id with a colon', { uploadId: 'a:1' }],
  ['an id with a line feed', { uploadId: 'a\n' }],
  ['an id that is not ASCII', { uploadId: 'ä' }],
  ['an id that is too long', { uploadId: 'x'.repeat(513) }],
  ['an id that is no text', { uploadId: 7 }],
  ['part 0', { uploadId: 'a', partNumber: 0 }],
  ['part 10001', { uploadId: 'a', partNumber: 10_001 }],
  ['half a part', { uploadId: 'a', partNumber: 1.5 }],
])('%s is refused at minting', (_name, pin) => {
  expect(codeOf(() => minted({ pin } as GrantFields))).toBe('invalid_option')
})

test.each([{ uploadId: `${'x'.repeat(508)}._~-` }, { uploadId: 'a', partNumber: 10_000 }])(
  'a pin at its bounds is kept',
  (pin) => expect(pinAfter(pin)).toEqual(pin),
)
