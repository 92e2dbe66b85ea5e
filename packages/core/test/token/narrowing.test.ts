import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { writeBlock } from '../../src/token/block.js'
import type { WrittenFields } from '../../src/token/draft.js'
import { FIELDS } from '../../src/token/fields.js'
import type { Grant } from '../../src/token/index.js'
import {
  ADDRESSES,
  admits,
  ETAGS,
  grantOf,
  KEYS,
  OPERATIONS,
  PREFIXES,
  presentation,
  request,
  TYPES,
} from './admission.js'
import { AUDIENCE, KID, SECRET } from './tools.js'

// Draws chains from the field table, signs them by hand (minting would cap and refuse), and holds every token against
// the one it was made from.

const SECONDS = [100, 200, 300]
const time = fc.constantFrom(...SECONDS)
const flag = fc.constant(true as const)

type Values = { readonly [Name in keyof WrittenFields]-?: fc.Arbitrary<Required<WrittenFields>[Name]> }

/** A value for each row; the scope is drawn with the text it covers. */
const VALUES: Omit<Values, 'prefixLength'> = {
  allowedAddresses: fc.subarray([...ADDRESSES], { minLength: 1 }),
  allowedTypes: fc.subarray([...TYPES, 'image/*', 'text/*', '*/*']),
  cacheControlMaxAge: fc.constantFrom(0, 9),
  download: fc.constantFrom(
    { disposition: 'inline' as const },
    { disposition: 'attachment' as const, filename: 'a' },
  ),
  expires: time,
  ifMatch: fc.constantFrom(...ETAGS),
  issuedAt: fc.constantFrom(0, 50),
  responseHeaders: fc.constantFrom({ expires: '0' }, { 'content-type': 'text/html' }),
  id: fc.constantFrom('A'.repeat(16), 'B'.repeat(16)),
  maxDownloads: fc.constantFrom(1, 2),
  maxSize: fc.constantFrom(0, 10, 20),
  notBefore: time,
  operations: fc.subarray([...OPERATIONS], { minLength: 1 }),
  createOnly: flag,
  addRandomSuffix: flag,
  subject: fc.constantFrom('eve', 'bob'),
  pin: fc.constantFrom(
    { uploadId: 'u1' },
    { uploadId: 'u1', partNumber: 1 },
    { uploadId: 'u1', partNumber: 2 },
    { uploadId: 'u2' },
  ),
  payload: fc.constantFrom('1', '2'),
  visibility: fc.constantFrom('private', 'public'),
  allowOverwrite: fc.boolean(),
  overrides: fc.boolean(),
  resumeWindow: fc.constantFrom(1, 60),
  confirm: flag,
}

const scope = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(...KEYS).map((covered) => ({ covered })) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(...PREFIXES).map((covered) => ({ covered, prefixLength: covered.length })),
  },
)

/** A block in which half of the fields are, and all of those that are required. */
function block(required: (keyof typeof VALUES)[]) {
  const fields = Object.fromEntries(
    Object.entries(VALUES).map(([name, value]) => [
      name,
      required.some((each) => each === name)
        ? value
        : fc.option(value as fc.Arbitrary<unknown>, { freq: 1, nil: undefined }),
    ]),
  )
  return fc.record({ fields: fc.record(fields) as fc.Arbitrary<WrittenFields>, scope })
}

/** Without what stands beside a limit alone, where there is none: such a token is refused whole. */
function fitting(fields: WrittenFields, besides: readonly (keyof WrittenFields)[]): WrittenFields {
  if (fields.maxDownloads !== undefined) return fields
  const kept = Object.entries(fields).filter(([name]) => !besides.some((each) => each === name))
  return Object.fromEntries(kept)
}

interface Drawn {
  readonly fields: WrittenFields
  readonly scope: { readonly covered: string; readonly prefixLength?: number }
}

const first = block(['expires', 'operations']).map(({ fields, scope }): Drawn => {
  const unnamed = fields.issuedAt !== undefined && fields.id === undefined
  const named = unnamed ? { ...fields, id: 'A'.repeat(16) } : fields
  return { fields: fitting(named, ['resumeWindow']), scope }
})

// What may not stand in a later block refuses the token whole, which shows nothing of a meet: little of it is drawn.
const SHARE = { any: 3, limiting: 3, presentation: 14, first: 15 }
const later = block([]).chain(({ fields, scope }) =>
  fc.array(fc.nat(15), { minLength: FIELDS.length, maxLength: FIELDS.length }).map((dice): Drawn => {
    const names = FIELDS.filter(({ place }, at) => (dice[at] ?? 0) >= SHARE[place])
    const drawn = Object.fromEntries(names.map(({ name }) => [name, fields[name]]))
    return { fields: fitting(drawn, ['resumeWindow']), scope }
  }),
)

function ofFirst({ issuedAt, payload, subject }: Grant) {
  return { issuedAt, payload, subject }
}

/** The token of each beginning of a chain. */
function tokensOf(blocks: readonly Drawn[]): string[] {
  let text = KID
  let mac: Buffer | string = SECRET
  const tokens: string[] = []
  for (const [at, { fields, scope }] of blocks.entries()) {
    const { covered, ...prefix } = scope
    const written = writeBlock({ ...fields, ...prefix }).slice(1)
    if (written === '') continue
    const opening = at === 0 ? `latchkey1\n${AUDIENCE}\n${KID}.` : ''
    mac = createHmac('sha256', mac).update(`${opening}${written}\n${covered}`).digest()
    text += `.${written}`
    tokens.push(`${text}.${mac.toString('base64url')}`)
  }
  return tokens
}

test('every row of the table is drawn from', () => {
  expect([...Object.keys(VALUES), 'prefixLength'].sort()).toEqual(FIELDS.map(({ name }) => name).sort())
  const letters = FIELDS.map(({ letter }) => letter)
  expect(letters).toEqual([...new Set(letters)].sort())
})

test('no appended block admits a request that the shorter token refused', () => {
  let admitted = 0
  fc.assert(
    fc.property(
      first,
      fc.array(later, { minLength: 1, maxLength: 4 }),
      fc.array(request, { minLength: 40, maxLength: 40 }),
      (head, rest, requests) => {
        const tokens = tokensOf([head, ...rest])
        for (const wanted of requests) {
          let shorter = grantOf(tokens[0] ?? '', wanted)
          let shorterAdmits = admits(shorter, wanted)
          let overridable = head.fields.overrides === true
          for (const token of tokens.slice(1)) {
            const longer = grantOf(token, wanted)
            const longerAdmits = admits(longer, wanted)
            expect(longerAdmits && !shorterAdmits, `${token} admits ${JSON.stringify(wanted)}`).toBe(false)
            if (longerAdmits) admitted++
            if (longer && shorter) {
              const before = shorter.downloadLimits
              expect(longer.downloadLimits.slice(0, before.length)).toEqual(before)
              if (!overridable) expect(presentation(longer)).toEqual(presentation(shorter))
              // Whatever the shorter one can be revoked by, the longer one can, too.
              expect(longer.ids.slice(0, shorter.ids.length)).toEqual(shorter.ids)
              expect(ofFirst(longer)).toEqual(ofFirst(shorter))
            }
            overridable &&= token.split('.').at(-2)?.endsWith('x1') === true
            shorter = longer
            shorterAdmits = longerAdmits
          }
        }
      },
    ),
    { numRuns: 1500 },
  )
  // A property that refuses everything would hold as well.
  expect(admitted).toBeGreaterThan(5000)
}, 60_000)
