import { describe, expect, test, vi } from 'vitest'
import type { RevokeOptions } from '../../src/index.js'
import { narrow } from '../../src/token/index.js'
import { openLedger } from '../minting/open-ledger.js'
import { KEYS, mount, NOW, SECOND } from './mount.js'

const revocable = true
const DAY = 86_400
const ALWAYS = Number.MAX_SAFE_INTEGER
/** How long anything that was issued now may live, with the usual bounds, and an upload that it begins at its end. */
const LAST_END = SECOND + 2 + 7 * DAY + DAY

async function refusalOf(options: unknown, files = mount().files): Promise<unknown> {
  return files.revoke(options as RevokeOptions).then(
    () => 'nothing was thrown',
    ({ code, message }) => `${code}: ${message}`,
  )
}

describe('revoke tells the ledger', () => {
  test('of a URL: its id, until its own end and that of an upload which it begins then', async () => {
    const { files, told } = mount()
    const { url, id } = await files.signedUrl('a.txt', { revocable, expiresIn: 60 })
    await files.revoke({ url })
    expect(told).toEqual([{ names: [`id:${id}`], issuedBy: ALWAYS, expiresAt: SECOND + 61 + DAY }])
  })

  test('of a narrowed URL: the last id that it has, until what has that is over', async () => {
    const { files, told } = mount()
    const now = () => NOW
    const { url } = await files.signedUrl('a.txt', { revocable, expiresIn: 600 })
    const child = await narrow(url, { revocable, expiresIn: 60, now })
    await files.revoke({ url: (await narrow(child.url, { expiresIn: 1, now })).url })
    expect(told).toEqual([{ names: [`id:${child.id}`], issuedBy: ALWAYS, expiresAt: SECOND + 61 + DAY }])
  })

  test('of an id, which may be a narrowed one’s', async () => {
    const { files, told } = mount()
    const id = `${'A'.repeat(16)}.${'B'.repeat(16)}`
    await files.revoke({ id })
    expect(told).toEqual([{ names: [`id:${id}`], issuedBy: ALWAYS, expiresAt: LAST_END }])
  })

  test('of a subject and a prefix: what was issued until a second from now', async () => {
    const { files, told } = mount()
    await files.revoke({ subject: 'übung' })
    await files.revoke({ keyPrefix: '' })
    await files.revoke({ keyPrefix: 'a/b/' })
    await files.revoke({ keyPrefix: 'a/b' })
    const untilNow = { issuedBy: SECOND + 1, expiresAt: LAST_END }
    expect(told).toEqual([
      { names: ['subject:übung'], ...untilNow },
      { names: ['prefix:'], ...untilNow },
      { names: ['prefix:a/b/'], ...untilNow },
      { names: ['prefix:a/b', 'prefix:a/b/'], ...untilNow },
    ])
  })

  test('of a signing key: for good, also one that is not in the ring', async () => {
    const { files, told } = mount()
    for (const signingKey of ['k1', 'gone']) await files.revoke({ signingKey })
    const forGood = { issuedBy: ALWAYS, expiresAt: 253_402_300_799 }
    expect(told).toEqual([
      { names: ['key:k1'], ...forGood },
      { names: ['key:gone'], ...forGood },
    ])
  })

  test('how long, by the bounds of the mount', async () => {
    const { files, told } = mount({ expiry: { maximum: '1h' }, multipart: { ttl: '1m' } })
    await files.revoke({ subject: 'eve' })
    expect(told[0]?.expiresAt).toBe(SECOND + 2 + 3600 + 60)
  })

  test('nothing of a URL that is over, with the uploads that it began', async () => {
    let now = NOW
    const { files, told } = mount({ now: () => now })
    const { url } = await files.signedUrl('a.txt', { revocable, expiresIn: 60 })
    now = (SECOND + 61 + DAY) * 1000
    await files.revoke({ url })
    expect(told).toEqual([])
  })

  test.each([
    ['as it is', (url: string) => url],
    ['less its origin', (url: string) => url.slice('https://app.example.com'.length)],
    ['of another origin', (url: string) => url.replace('app.example.com', 'cdn.example')],
    ['with a fragment', (url: string) => `${url}#/?token=x`],
    ['with more parameters', (url: string) => `${url}&uploadId=x`],
    ['with its path spelled otherwise', (url: string) => url.replace('/a.txt', '/%61.txt')],
  ])('of a URL %s', async (_name, spelled) => {
    const { files, told } = mount()
    const { url, id } = await files.signedUrl('a.txt', { revocable })
    await files.revoke({ url: spelled(url) })
    expect(told.map(({ names }) => names)).toEqual([[`id:${id}`]])
  })

  test.each(['/files', 'https://app.example.com', '/'])('of a URL of the mount at %s', async (baseUrl) => {
    const { files, told } = mount({ baseUrl })
    const { url, id } = await files.signedUrl('a.txt', { revocable })
    await files.revoke({ url })
    await files.revoke({ url: (await files.signedTreeUrl('', { revocable, wholeMount: true })).url })
    expect(told[0]?.names).toEqual([`id:${id}`])
    expect(told).toHaveLength(2)
  })
})

describe('revoke refuses', () => {
  test.each<[string, unknown]>([
    ['nothing', {}],
    ['nothing but what is undefined', { url: undefined }],
    ['two things', { subject: 'eve', keyPrefix: 'a/' }],
  ])('%s', async (_name, options) => {
    expect(await refusalOf(options)).toMatch(/^invalid_option: revoke takes exactly one of/)
  })

  test.each<[string, unknown, RegExp]>([
    ['an option that there is not', { prefix: 'a/' }, /^invalid_option: There is no option 'prefix'/],
    ['an empty subject', { subject: '' }, /^invalid_option: subject/],
    ['a subject of 257 bytes', { subject: 'x'.repeat(257) }, /^invalid_option: subject/],
    ['a subject that is no text', { subject: 42 }, /^invalid_option: subject/],
    ['null', { subject: null }, /^invalid_option: subject/],
    ['an id that is none', { id: 'eve' }, /^invalid_option: id/],
    ['an empty id', { id: '' }, /^invalid_option: id/],
    ['an id that begins with a dot', { id: `.${'A'.repeat(16)}` }, /^invalid_option: id/],
    ['an id that is no text', { id: 1 }, /^invalid_option: id/],
    ['a prefix that is no text', { keyPrefix: 5 }, /^invalid_option: keyPrefix/],
    ['a prefix with a slash in front', { keyPrefix: '/a/' }, /^invalid_key: /],
    ['a prefix with dots', { keyPrefix: 'a/../' }, /^invalid_key: /],
    ['a key that is none', { keyPrefix: 'a//b' }, /^invalid_key: /],
    ['a signing key that is none', { signingKey: 'a b' }, /^invalid_option: signingKey/],
    ['a signing key that is no text', { signingKey: {} }, /^invalid_option: signingKey/],
    ['a URL that is no text', { url: 5 }, /^invalid_option: url: .*no text/],
    ['a URL elsewhere', { url: 'https://app.example.com/filesystem/a?token=x' }, /does not lie below/],
    ['a URL without a token', { url: '/files/a.txt' }, /has no token/],
    ['a URL with two', { url: '/files/a.txt?token=x&token=y' }, /more than one token/],
    ['a URL whose path is no key', { url: '/files/%00?token=x' }, /path is no key/],
    ['a URL with a token that is none', { url: '/files/a.txt?token=x' }, /none of this mount/],
  ])('%s', async (_name, options, message) => {
    expect(await refusalOf(options)).toMatch(message)
  })

  test('a URL that cannot be revoked, and says how to mint one that can', async () => {
    const { files } = mount()
    const { url } = await files.signedUrl('a.txt')
    const limited = await files.signedUrl('a.txt', { maxDownloads: 1 })
    for (const each of [url, limited.url]) {
      expect(await refusalOf({ url: each }, files)).toMatch(
        /^invalid_option: url: .*mint with revocable: true/,
      )
    }
  })

  test('a URL that was altered, or signed with another secret', async () => {
    const { files, told } = mount()
    const { url } = await files.signedUrl('a.txt', { revocable })
    const foreign = mount({ keys: [{ id: 'k1', secret: 'S'.repeat(32) }] }).files
    const others = [url.replace('a.txt', 'b.txt'), (await foreign.signedUrl('a.txt', { revocable })).url]
    for (const each of others) expect(await refusalOf({ url: each }, files)).toMatch(/none of this mount/)
    expect(told).toEqual([])
  })

  test('to revoke without a ledger', async () => {
    const { ledger: _none, ...without } = { ledger: undefined, keys: KEYS }
    const { files } = mount({ ...without, ledger: undefined as never })
    expect(await refusalOf({ subject: 'eve' }, files)).toMatch(/^invalid_option: revoke needs a ledger/)
  })

  test('to say that it is done where the ledger fails, or does not answer', async () => {
    const down = { ...openLedger, revoke: () => Promise.reject(new Error('down')) }
    expect(await refusalOf({ subject: 'eve' }, mount({ ledger: down }).files)).toMatch(
      /^ledger_unavailable: /,
    )
    vi.useFakeTimers()
    try {
      const deaf = { ...openLedger, revoke: () => new Promise<void>(() => {}) }
      const refusal = refusalOf({ subject: 'eve' }, mount({ ledger: deaf }).files)
      await vi.advanceTimersByTimeAsync(2_000)
      expect(await refusal).toMatch(/^ledger_unavailable: /)
    } finally {
      vi.useRealTimers()
    }
  })
})
