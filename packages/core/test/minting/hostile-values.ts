import fc from 'fast-check'

/** Keys, and texts that are none. */
export const key = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('a.txt', 'dir/b.txt', 'signed-url', 'ü/é', 'a b', 'abcdefg') },
  fc.constantFrom(
    'a.txt',
    'dir/b.txt',
    'signed-url',
    '',
    '.',
    '..',
    'a//b',
    'a\\b',
    '\0',
    '\ud800',
    'ü/é',
    '%2F',
    '%',
    '?x#y',
  ),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ minLength: 1000, maxLength: 1030 }),
)

const number = fc.oneof(
  fc.constantFrom(
    0,
    -0,
    -1,
    1,
    60,
    3600,
    604_800,
    604_801,
    1.5,
    2 ** 53,
    1e308,
    -1e308,
    5e-324,
    10_000,
    10_001,
  ),
  fc.integer(),
  fc.double(),
)

/** Values of any kind. */
export const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  number,
  key,
  fc.constantFrom(null, true, false, [], {}),
)

/** Values that each property may well have. */
export const valid = {
  expires_in: fc.integer({ min: 1, max: 604_800 }),
  expiresIn: fc.integer({ min: 1, max: 604_800 }),
  max_downloads: fc.integer({ min: 1, max: 2 ** 53 - 1 }),
  operation: fc.constantFrom('get', 'head', 'delete'),
  download: fc.oneof(fc.boolean(), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 260 })),
  key,
  contentType: fc.constantFrom('image/png', 'text/plain; charset=utf-8', 'image/png, text/html', '', 'x'),
  size: fc.nat(),
  payload: fc.string({ minLength: 1, maxLength: 2100 }),
  multipart: fc.boolean(),
  uploadId: fc.string({ maxLength: 50 }),
  partNumber: fc.integer({ min: 0, max: 10_001 }),
  method: fc.constantFrom('PUT', 'POST', 'GET', 'DELETE', 'put', 'HEAD'),
}

/** A property of some route. */
export type Name = keyof typeof valid
