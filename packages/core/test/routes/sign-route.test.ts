import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  routeKey,
  splitRouteToken,
  targetDefect,
  withRouteToken,
} from '../../src/http/routes/route-target.js'
import { createLatchkey, type LatchkeyOptions, type StorageDriver } from '../../src/index.js'

const refuse = async (): Promise<never> => {
  throw new Error('no route asks the storage')
}
const storage: StorageDriver = {
  capabilities: { ranges: true, conditionalWrites: true, metadata: true },
  stat: refuse,
  open: refuse,
  write: refuse,
  delete: refuse,
}

const filesWith = (options: Partial<LatchkeyOptions> = {}) =>
  createLatchkey({
    baseUrl: 'https://app.example.com/files',
    keys: [{ id: 'k1', secret: 's'.repeat(32) }],
    storage,
    ...options,
  })

const ask = (path: string, method = 'GET', files = filesWith()) =>
  files.verifyRoute({ method, path, header: () => undefined, body: null, bodyAlreadyRead: false })

describe('a target that cannot be signed', () => {
  test.each([
    ['', /begin with a slash/],
    ['a', /begin with a slash/],
    ['?a', /begin with a slash/],
    ['*', /begin with a slash/],
    ['https://app.example.com/a', /begin with a slash/],
    ['//host/a', /not with two/],
    ['/a#b', /%23/],
    ['/a b', /encodeURIComponent/],
    ['/ä', /encodeURIComponent/],
    ['/\u{1f4ce}', /encodeURIComponent/],
    ['/a\\b', /encodeURIComponent/],
    ['/a\nb', /encodeURIComponent/],
    ['/a\tb', /encodeURIComponent/],
    ['/a\0b', /encodeURIComponent/],
    ['/a\u007f', /encodeURIComponent/],
    ['/a"', /encodeURIComponent/],
    ['/a<b>', /encodeURIComponent/],
    ['/a{b}', /encodeURIComponent/],
    ['/a^b', /encodeURIComponent/],
    ['/a`b', /encodeURIComponent/],
    ['/a|b', /encodeURIComponent/],
    ['/a[b]', /encodeURIComponent/],
    ['/a%', /encodeURIComponent/],
    ['/a%2', /encodeURIComponent/],
    ['/a%zz', /encodeURIComponent/],
    ['/.', /segment/],
    ['/..', /segment/],
    ['/a/./b', /segment/],
    ['/a/../b', /segment/],
    ['/a/%2E', /segment/],
    ['/a/.%2e/b', /segment/],
    ['/a/..?b', /segment/],
    ['/a?', /leave out the \?/],
    ['/a?b c', /URLSearchParams/],
    ["/a?b='", /URLSearchParams/],
    ['/a?b="', /URLSearchParams/],
    ['/a?b=ä', /URLSearchParams/],
    ['/a?b=%', /URLSearchParams/],
    ['/a?b=\\', /URLSearchParams/],
    ['/a?b=\r\nx', /URLSearchParams/],
    ['/a?token', /token is the name/],
    ['/a?token=', /token is the name/],
    ['/a?b&token=x&c', /token is the name/],
    ['/a?%74%6Fken=x', /token is the name/],
    [`/${'x'.repeat(4096)}`, /4096/],
  ])('%j is refused with what to do', async (target, message) => {
    await expect(filesWith().signUrl(target)).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringMatching(message),
    })
  })

  test.each([undefined, null, 7, {}, ['/a'], new URL('https://app.example.com/a')])(
    '%j is none',
    async (target) => {
      // @ts-expect-error what JavaScript may pass
      await expect(filesWith().signUrl(target)).rejects.toMatchObject({ code: 'invalid_option' })
    },
  )
})

test('options that a guard could not hold a request to do not exist', async () => {
  for (const options of [
    { maxDownloads: 1 },
    { maxSize: 1 },
    { operations: ['get'] },
    { expiresin: 1 },
    { pin: {} },
  ]) {
    // @ts-expect-error what JavaScript may pass
    await expect(filesWith().signUrl('/a', options)).rejects.toMatchObject({ code: 'invalid_option' })
  }
  for (const method of ['get', '', 'GET ', 'GE\nT', 'G/T', 7, null]) {
    // @ts-expect-error what JavaScript may pass
    await expect(filesWith().signUrl('/a', { method })).rejects.toMatchObject({ code: 'invalid_option' })
  }
})

test('an audience is none that those of routes or uploads could be taken for', () => {
  for (const audience of ['x#routes', '#routes', 'x#uploads#routes', 'x#uploads']) {
    expect(() => filesWith({ audience })).toThrow(/audience must not end in/)
  }
  expect(() => filesWith({ audience: 'x'.repeat(1017) })).toThrow(/audience/)
  filesWith({ audience: 'x'.repeat(1016) })
})

test('a body is neither read nor waited for where the URL holds, and not asked for where it does not', async () => {
  const files = filesWith()
  const { url } = await files.signUrl('/a', { method: 'POST' })
  const path = url.replace('https://app.example.com', '')
  let refused = 0
  let reads = 0
  const body = {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        reads++
        return { done: true as const, value: undefined }
      },
    }),
  }
  const request = {
    method: 'POST',
    header: () => undefined,
    body,
    bodyAlreadyRead: false,
    refuseBody: () => {
      refused++
    },
  }
  expect(await files.verifyRoute({ ...request, path })).toHaveProperty('grant')
  expect([reads, refused]).toEqual([0, 0])
  const verdict = await files.verifyRoute({ ...request, path: '/a' })
  expect('refusal' in verdict && verdict.refusal.headers.connection).toBe('close')
  expect([reads, refused]).toEqual([0, 1])
  await files.verifyRoute({ ...request, path: '/a', bodyAlreadyRead: true })
  expect([reads, refused]).toEqual([0, 1])
})

const PIECE = fc.constantFrom(
  ...[
    '/',
    'a',
    'B',
    '0',
    '-',
    '.',
    '..',
    '_',
    '~',
    "'",
    '(',
    '*',
    '+',
    ';',
    '=',
    ':',
    '@',
    '&',
    '?',
    '%2F',
    '%2f',
    '%2e',
    '%25',
    '[',
    ']',
    'token',
    'token=',
    '%74oken=',
    '#',
    ' ',
    '"',
    '\\',
    '%',
    '^',
    '|',
    'ä',
  ],
)
const TARGET = fc.array(PIECE, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`)

test('what can be signed is sent by a URL parser as it is, and is taken apart again', () => {
  let signable = 0
  fc.assert(
    fc.property(TARGET, (target) => {
      if (targetDefect(target) !== null) return
      signable++
      const parsed = new URL(target, 'http://host')
      expect(parsed.pathname + parsed.search).toBe(target)
      expect([...parsed.searchParams.keys()]).not.toContain('token')
      expect(splitRouteToken(withRouteToken(target, 'x.y'))).toEqual({ target, token: 'x.y' })
    }),
    { numRuns: 20_000 },
  )
  expect(signable).toBeGreaterThan(500)
})

test('a URL opens no target but its own, whatever is done to it', async () => {
  const files = filesWith()
  const own = '/a/b%2Fc?x=1&y=%2f'
  const { url } = await files.signUrl(own)
  const path = url.replace('https://app.example.com', '')
  await fc.assert(
    fc.asyncProperty(
      fc.nat(path.length),
      fc.nat(3),
      fc.array(PIECE, { maxLength: 3 }),
      async (at, drop, pieces) => {
        const changed = path.slice(0, at) + pieces.join('') + path.slice(at + drop)
        const verdict = await ask(changed, 'GET', files)
        expect('grant' in verdict, changed).toBe(changed === path)
      },
    ),
    { numRuns: 3000 },
  )
})

test('method and target cannot flow into one another', () => {
  expect(routeKey('GET', '/a')).not.toBe(routeKey('GET /a', ''))
  expect(routeKey('GET', '/a')).toMatch(/^[\w-]{43}$/)
})
