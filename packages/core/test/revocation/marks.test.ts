import { describe, expect, test } from 'vitest'
import { namesOf } from '../../src/http/revocation-names.js'
import type { Latchkey } from '../../src/index.js'
import { narrow, type PresignOptions, presignUrl } from '../../src/token/index.js'
import { tokenOf } from '../token/delegated.js'
import { mount, NOW, SECOND } from './mount.js'

const now = () => NOW
const revocable = true
const noLedger = { ledger: undefined as never }
const MARK = new RegExp(`[.~]g${SECOND}~i[\\w-]{16}~`)

type Options = { readonly revocable?: boolean; readonly subject?: string }

/** Everything that mints, and the token that came of it. */
const MINTERS: Readonly<
  Record<string, (files: Latchkey, options: Options) => Promise<{ token: string; id?: string }>>
> = {
  signedUrl: async (files, options) => withToken(await files.signedUrl('a', options)),
  signedUploadUrl: async (files, options) => withToken(await files.signedUploadUrl('a', options)),
  signedTreeUrl: async (files, options) => {
    const { url, ...rest } = await files.signedTreeUrl('a/', options)
    return { ...rest, token: url.split('/').at(-3) ?? '' }
  },
  issueSignedToken: async (files, options) => {
    const { delegationToken, ...rest } = await files.issueSignedToken({ prefix: 'a/', ...options })
    return { ...rest, token: `${delegationToken}.` }
  },
}

function withToken<T extends { readonly url: string }>(url: T): T & { token: string } {
  return { ...url, token: tokenOf(url) }
}

describe.each(Object.entries(MINTERS))('%s', (_name, sign) => {
  test.each<[string, Options, boolean]>([
    ['nothing', {}, false],
    ['revocable', { revocable }, true],
    ['a subject', { subject: 'eve' }, true],
    ['a subject, and not revocable', { subject: 'eve', revocable: false }, false],
    ['not revocable', { revocable: false }, false],
  ])('marks what can be revoked, and nothing else: %s', async (_what, options, marked) => {
    const { token, id } = await sign(mount().files, options)
    expect(MARK.test(token)).toBe(marked)
    expect(token.includes('~i')).toBe(marked)
    expect(id).toBe(marked ? /~i([\w-]{16})~/.exec(token)?.[1] : undefined)
  })

  test('marks nothing without a ledger, and says so where it is asked to', async () => {
    const { files } = mount(noLedger)
    for (const options of [{}, { subject: 'eve' }, { revocable: false }]) {
      expect((await sign(files, options)).token).not.toMatch(/[.~][gi][\w]/)
    }
    await expect(sign(files, { revocable })).rejects.toMatchObject({ code: 'invalid_option' })
  })

  test('marks all that a mount with revocable mints, which cannot be switched off', async () => {
    const { files } = mount({ revocable })
    for (const options of [{}, { subject: 'eve' }, { revocable }]) {
      expect((await sign(files, options)).token).toMatch(MARK)
    }
    await expect(sign(files, { revocable: false })).rejects.toMatchObject({ code: 'invalid_option' })
  })

  test('takes no text for a boolean', async () => {
    await expect(sign(mount().files, { revocable: 'false' as never })).rejects.toMatchObject({
      code: 'invalid_option',
    })
  })

  test('gives each an id of its own', async () => {
    const { files } = mount()
    const ids = await Promise.all(
      Array.from({ length: 50 }, async () => (await sign(files, { revocable })).id),
    )
    expect(new Set(ids).size).toBe(50)
  })
})

test('what stays the same inside a window cannot be marked, and says so', async () => {
  const stableFor = '1h'
  const { files } = mount()
  for (const options of [{ revocable }, { subject: 'eve' }]) {
    await expect(files.signedUrl('a', { stableFor, ...options })).rejects.toMatchObject({
      message: expect.stringMatching(/^stableFor: /),
    })
  }
  const stateless = { stableFor, subject: 'eve', revocable: false }
  expect(await files.signedUrl('a', stateless)).toEqual(await files.signedUrl('a', stateless))
  const subject = { stableFor, subject: 'eve' }
  const without = mount(noLedger).files
  expect(await without.signedUrl('a', subject)).toEqual(await without.signedUrl('a', subject))
  await expect(mount({ revocable }).files.signedUrl('a', { stableFor })).rejects.toMatchObject({
    code: 'invalid_option',
  })
})

describe('the option revocable of a mount', () => {
  test('needs a ledger, and is a boolean', () => {
    expect(() => mount({ revocable, ...noLedger })).toThrow('revocable needs a ledger')
    expect(() => mount({ revocable: 'yes' as never })).toThrow('revocable must be true or false')
    expect(() => mount({ revocable: false, ...noLedger })).not.toThrow()
  })
})

describe('what is made from a token', () => {
  const presign = async (options: Options, more: Partial<PresignOptions>) =>
    presignUrl(await mount().files.issueSignedToken({ prefix: 'a/', ...options }), {
      operation: 'get',
      key: 'a/b',
      now,
      ...more,
    })
  const narrowed = async (options: Options, more: Partial<PresignOptions>) =>
    narrow((await mount().files.signedUrl('a', options)).url, { ...more, now })

  test.each([
    ['presignUrl', presign],
    ['narrow', narrowed],
  ])('%s gives it an id where it is asked to, or where it counts', async (_name, make) => {
    const { url, id } = await make({ revocable }, { revocable })
    const [, first, own] = /~i([\w-]{16})~.*[.~]i([\w-]{16})~/.exec(url) ?? []
    expect(id).toBe(`${first}.${own}`)
    expect((await make({ revocable }, { maxDownloads: 1 })).id).toMatch(/^[\w-]{16}\.[\w-]{16}$/)
    expect((await make({ revocable }, { expiresIn: 60 })).id).toBeUndefined()
    expect((await make({}, { maxDownloads: 1 })).id).toBeUndefined()
    for (const [options, more] of [
      [{}, { revocable }],
      [{ revocable }, { revocable: false }],
      [{ revocable }, { revocable: 'true' as never }],
    ] as const) {
      await expect(make(options, more)).rejects.toMatchObject({ code: 'invalid_option' })
    }
  })
})

test('a token has at most 523 names of at most 1 100 bytes', () => {
  const grant = { kid: 'k', subject: 'é'.repeat(128), ids: [] } as unknown as Parameters<typeof namesOf>[0]
  const ids = Array.from({ length: 8 }, (_, at) => ({ id: `${at}`.repeat(135), expiresAt: 0 }))
  const names = namesOf({ ...grant, ids }, `${'a/'.repeat(511)}ab`, 'x'.repeat(22))
  expect(names).toHaveLength(523)
  expect(new Set(names).size).toBe(523)
  expect(Math.max(...names.map((name) => Buffer.byteLength(name)))).toBeLessThanOrEqual(1100)
})
