import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  expiryBounds,
  grantFieldsForUpload,
  grantFieldsForUrl,
  parseDuration,
  parseMediaType,
  parseSize,
  typeAllowed,
  type UploadOptions,
  type UrlOptions,
} from '../../src/token/index.js'
import { codeOf, NOW } from './tools.js'

const bounds = expiryBounds()
const url = (options: UrlOptions, now = NOW) => grantFieldsForUrl(options, { now, bounds })
const upload = (options: UploadOptions) => grantFieldsForUpload(options, { now: NOW, bounds })

describe('durations', () => {
  test.each([
    ['30s', 30],
    ['10m', 600],
    ['1h', 3600],
    ['7d', 604_800],
    ['0s', 0],
    [90, 90],
  ])('%s is %i s', (value, seconds) => {
    expect(parseDuration(value)).toBe(seconds)
  })

  test.each([
    '',
    '10',
    'm',
    '1.5h',
    '-1m',
    ' 1m',
    '1m ',
    '1 m',
    '1M',
    '1w',
    '1m1s',
    '1e3s',
    '١s',
    '1m\n',
    -1,
    0.5,
  ])('refuses %j', (value) => expect(codeOf(() => parseDuration(value))).toBe('invalid_option'))

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '999999999999999d'])('refuses %s', (value) =>
    expect(codeOf(() => parseDuration(value))).toBe('invalid_option'),
  )
})

describe('sizes', () => {
  test.each([
    ['0b', 0],
    ['5b', 5],
    ['64kb', 65_536],
    ['5mb', 5 * 1024 ** 2],
    ['5 MB', 5 * 1024 ** 2],
    ['1.5gb', 1.5 * 1024 ** 3],
    ['1tb', 1024 ** 4],
    ['0.0001kb', 0],
    [7, 7],
  ])('%s is %i bytes', (value, bytes) => {
    expect(parseSize(value)).toBe(bytes)
  })

  test.each([
    '',
    '5',
    'mb',
    '5  mb',
    '5mb ',
    ' 5mb',
    '-5mb',
    '.5mb',
    '5.mb',
    '5mib',
    '5mbb',
    '1e3b',
    '9999tb5',
    -1,
    0.5,
  ])('refuses %j', (value) => expect(codeOf(() => parseSize(value))).toBe('invalid_option'))

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '9999999999tb'])('refuses %s', (value) =>
    expect(codeOf(() => parseSize(value))).toBe('invalid_option'),
  )

  test('are whole whatever is read', () => {
    fc.assert(
      fc.property(
        fc.nat(9999),
        fc.nat(999_999),
        fc.constantFrom('b', 'kb', 'mb', 'gb'),
        (whole, part, unit) => {
          expect(Number.isSafeInteger(parseSize(`${whole}.${part}${unit}`))).toBe(true)
        },
      ),
    )
  })
})

describe('media types', () => {
  test.each([
    ['image/png', 'image/png'],
    [' Image/PNG ; Q="a,b\\"c;" ;; charset=utf-8;', 'image/png'],
    ['application/vnd.api+json', 'application/vnd.api+json'],
  ])('%s is %s', (value, essence) => {
    expect(parseMediaType(value)).toBe(essence)
  })

  test.each([
    '',
    'image',
    'image/',
    '/png',
    'image/*',
    '*/*',
    'image/png, text/html',
    'image/png,image/png',
    'image/png;a=b, text/html',
    'image/png;a="b',
    'image/png;a=',
    'image/png;a',
    'image/png;a=b c',
    'image/png;a="\n"',
    'image/png x',
    'image/png/x',
    'image/p ng',
    'image/png;a="b"c',
    'image/png;a="b\\',
  ])('refuses %j', (value) => {
    expect(parseMediaType(value)).toBeNull()
  })

  test('match patterns exactly', () => {
    expect(typeAllowed('image/png', ['text/plain', 'image/png'])).toBe(true)
    expect(typeAllowed('image/png', ['image/*'])).toBe(true)
    expect(typeAllowed('image/png', ['*/*'])).toBe(true)
    expect(typeAllowed('image/pngx', ['image/png'])).toBe(false)
    expect(typeAllowed('imagex/png', ['image/*'])).toBe(false)
    expect(typeAllowed('image/png', [])).toBe(false)
  })
})

describe('the end of a token', () => {
  test('is an hour away unless told, to the second above', () => {
    expect(url({}).expires).toBe(NOW / 1000 + 3600)
    expect(url({ expiresIn: 1 }, NOW + 1).expires).toBe(NOW / 1000 + 2)
    expect(url({ expiresIn: '7d' }).expires).toBe(NOW / 1000 + 604_800)
  })

  test('given as a moment is never outlived', () => {
    expect(url({ validUntil: NOW + 5999 }).expires).toBe(NOW / 1000 + 5)
    expect(url({ validUntil: new Date(NOW + 604_800_000) }).expires).toBe(NOW / 1000 + 604_800)
  })

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 604_801, '8d', '0s', '', 'for ever'])(
    'out of bounds is refused: expiresIn %s',
    (expiresIn) => {
      expect(codeOf(() => url({ expiresIn }))).toBe('invalid_option')
    },
  )

  test.each([
    NOW,
    NOW + 999,
    NOW + 604_800_001,
    -1,
    0,
    NOW + 5000.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    new Date(Number.NaN),
  ])('out of bounds is refused: validUntil %s', (validUntil) => {
    expect(codeOf(() => url({ validUntil }))).toBe('invalid_option')
  })

  test('is given in one way', () => {
    expect(codeOf(() => url({ expiresIn: 60, validUntil: NOW + 60_000 }))).toBe('invalid_option')
  })

  test('lies behind the start, which is never early', () => {
    expect(url({ notBefore: NOW + 1 }).notBefore).toBe(NOW / 1000 + 1)
    expect(codeOf(() => url({ expiresIn: 60, notBefore: NOW + 60_000 }))).toBe('invalid_option')
    expect(codeOf(() => url({ notBefore: Number.NaN }))).toBe('invalid_option')
    expect(codeOf(() => url({ notBefore: -1 }))).toBe('invalid_option')
  })

  test('has bounds that can be set, and must make sense', () => {
    expect(expiryBounds()).toEqual({ default: 3600, minimum: 1, maximum: 604_800 })
    expect(expiryBounds({ maximum: '10m' })).toEqual({ default: 600, minimum: 1, maximum: 600 })
    expect(expiryBounds({ minimum: '2h' })).toEqual({ default: 7200, minimum: 7200, maximum: 604_800 })
    expect(codeOf(() => expiryBounds({ minimum: 0 }))).toBe('invalid_option')
    expect(codeOf(() => expiryBounds({ default: '8d' }))).toBe('invalid_option')
    expect(codeOf(() => expiryBounds({ minimum: 10, maximum: 5 }))).toBe('invalid_option')
    expect(codeOf(() => expiryBounds({ default: 5, minimum: 10 }))).toBe('invalid_option')
  })
})

describe('options of a URL', () => {
  test('become fields', () => {
    const options: UrlOptions = {
      operations: ['delete'],
      download: 'Q3.pdf',
      cacheControlMaxAge: 60,
      responseHeaders: { 'Content-Type': 'text/plain' },
      ifMatch: '"v1"',
      maxDownloads: 3,
      subject: 'user 7',
    }
    expect(url(options)).toEqual({
      expires: NOW / 1000 + 3600,
      operations: ['delete'],
      download: { disposition: 'attachment', filename: 'Q3.pdf' },
      cacheControlMaxAge: 60,
      responseHeaders: { 'content-type': 'text/plain' },
      ifMatch: '"v1"',
      maxDownloads: 3,
      subject: 'user 7',
    })
    expect(url({ maxDownloads: 1, resumeWindow: '10m', confirm: true })).toMatchObject({
      maxDownloads: 1,
      resumeWindow: 600,
      confirm: true,
    })
    expect(url({ confirm: false })).not.toHaveProperty('confirm')
    expect(url({ download: true }).download).toEqual({ disposition: 'attachment' })
    expect(url({ download: false }).download).toEqual({ disposition: 'inline' })
    expect(url({})).toEqual({ expires: NOW / 1000 + 3600, operations: ['get', 'head'] })
  })

  test.each<UrlOptions>([
    { operations: ['put'] },
    { ifMatch: '"v1"' },
    { operations: ['delete'], ifMatch: 'W/"v1"' },
    { operations: ['delete'], ifMatch: 'v1' },
    { responseHeaders: { 'set-cookie': 'a=b' } },
    { responseHeaders: { expires: '0\r\nset-cookie: a=b' } },
    { responseHeaders: { expires: 'Ā' } },
    { responseHeaders: { expires: '' } },
    { responseHeaders: { expires: '0', Expires: '1' } },
    { responseHeaders: { 'content-type': 'image/png, text/html' } },
    { responseHeaders: { constructor: 'x' } },
    { maxDownloads: 0 },
    { maxDownloads: -1 },
    { maxDownloads: 1.5 },
    { maxDownloads: 2 ** 53 },
    { maxDownloads: Number.NaN },
    { resumeWindow: 60 },
    { maxDownloads: 1, resumeWindow: 0 },
    { maxDownloads: 1, resumeWindow: 604_801 },
    { maxDownloads: 1, resumeWindow: '8d' },
    { maxDownloads: 1, resumeWindow: '1w' },
    { maxDownloads: 1, resumeWindow: Number.NaN },
    { confirm: 'true' as unknown as boolean },
    { confirm: true, operations: ['delete'] },
  ])('are refused: %j', (options) => {
    expect(codeOf(() => url(options))).toBe('invalid_option')
  })
})

describe('options of an upload', () => {
  test('become fields', () => {
    const options: UploadOptions = {
      maxSize: '5mb',
      allowedTypes: ['image/*', 'Text/Plain'],
      addRandomSuffix: true,
      allowOverwrite: true,
      cacheControlMaxAge: 0,
      visibility: 'public',
      payload: '{}',
    }
    expect(upload(options)).toEqual({
      expires: NOW / 1000 + 3600,
      operations: ['put'],
      maxSize: 5_242_880,
      allowedTypes: ['image/*', 'text/plain'],
      addRandomSuffix: true,
      allowOverwrite: true,
      cacheControlMaxAge: 0,
      visibility: 'public',
      payload: '{}',
    })
  })

  test('nothing is not the same as absent', () => {
    expect(upload({ allowedTypes: [], maxSize: 0 })).toMatchObject({ allowedTypes: [], maxSize: 0 })
    expect(upload({ addRandomSuffix: false, allowOverwrite: false, visibility: 'private' })).toEqual({
      expires: NOW / 1000 + 3600,
      operations: ['put'],
    })
  })

  test.each<UploadOptions>([
    { maxSize: -1 },
    { maxSize: 1.5 },
    { maxSize: '5' },
    { allowedTypes: ['image'] },
    { allowedTypes: ['image/png, text/html'] },
    { allowedTypes: ['*'] },
    { allowedTypes: [''] },
    { ifMatch: '*' },
    { ifMatch: '"v1"', addRandomSuffix: true },
    { ifMatch: '"v1"', allowOverwrite: false },
  ])('are refused: %j', (options) => {
    expect(codeOf(() => upload(options))).toBe('invalid_option')
  })

  test('are booleans, not what a form or an environment variable gives', () => {
    // @ts-expect-error
    expect(codeOf(() => upload({ allowOverwrite: 'false' }))).toBe('invalid_option')
    // @ts-expect-error
    expect(codeOf(() => upload({ addRandomSuffix: 1 }))).toBe('invalid_option')
  })
})
