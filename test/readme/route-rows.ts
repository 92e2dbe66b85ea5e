import type { Latchkey, LatchkeyOptions, RouteUrlOptions, RouteVerdict } from '@latchkey/core'
import { expect } from 'vitest'
import { memoryLedger } from '../../packages/ledgers/src/memory/index.js'
import { expectInvalid, latchkeyWith, NOW } from './exchange.js'
import type { Rows } from './rows.js'

const DAY = 86_400

/** Asks for a signed route, without a server between. */
export function askRoute(
  url: string,
  options: Partial<LatchkeyOptions> = {},
  method = 'GET',
  address?: string,
): Promise<RouteVerdict> {
  const asked = { method, path: url, header: () => undefined, address: () => address }
  return latchkeyWith(options).verifyRoute({ ...asked, body: null, bodyAlreadyRead: false })
}

/** What a refusal is called; `undefined` for what goes on to its route. */
export function refusalOf(verdict: RouteVerdict): string | undefined {
  return 'refusal' in verdict ? JSON.parse(String(verdict.refusal.body)).code : undefined
}

const sign = async (options?: RouteUrlOptions, files: Latchkey = latchkeyWith()) =>
  files.signUrl('/a?b=c', options)
const lifeOf = async (options?: RouteUrlOptions) => ((await sign(options)).expiresAt.getTime() - NOW) / 1000

/** Options of `signUrl`. */
export const routeUrlRows: Rows = {
  method: {
    default: 'GET',
    async check() {
      expect(refusalOf(await askRoute((await sign()).url))).toBeUndefined()
      const { url } = await sign({ method: 'POST' })
      expect(refusalOf(await askRoute(url, {}, 'POST'))).toBeUndefined()
      expect(refusalOf(await askRoute(url))).toBe('invalid_signature')
      await expectInvalid(...['', 'post', 'A B', 'POST ', '-A'].map((method) => () => sign({ method })))
    },
  },
  expiresIn: {
    default: '3600 s',
    async check() {
      expect(await lifeOf()).toBe(3600)
      expect(await lifeOf({ expiresIn: 1 })).toBe(1)
      expect(await lifeOf({ expiresIn: '7d' })).toBe(7 * DAY)
      await expectInvalid(...[0, 7 * DAY + 1].map((expiresIn) => () => sign({ expiresIn })), () =>
        sign({ expiresIn: 10 }, latchkeyWith({ expiry: { minimum: 11 } })),
      )
    },
  },
  validUntil: {
    default: 'none',
    async check() {
      expect(await lifeOf({ validUntil: new Date(NOW + 60_000) })).toBe(60)
      await expectInvalid(
        () => sign({ validUntil: NOW + 60_000, expiresIn: 60 }),
        () => sign({ validUntil: NOW }),
        () => sign({ validUntil: NOW + 7 * DAY * 1000 + 1000 }),
      )
    },
  },
  notBefore: {
    default: 'at once',
    async check() {
      const { url } = await sign({ notBefore: NOW + 60_000 })
      expect(refusalOf(await askRoute(url))).toBe('not_yet_valid')
      expect(refusalOf(await askRoute(url, { now: () => NOW + 60_000 }))).toBeUndefined()
      await expectInvalid(() => sign({ notBefore: NOW + 3_600_000 }))
    },
  },
  allowedAddresses: {
    default: 'any',
    async check() {
      const { url } = await sign({ allowedAddresses: ['2001:db8::/32', '203.0.113.7'] })
      for (const address of ['2001:db8::1', '203.0.113.7']) {
        expect(refusalOf(await askRoute(url, {}, 'GET', address))).toBeUndefined()
      }
      for (const address of ['203.0.113.8', undefined]) {
        expect(refusalOf(await askRoute(url, {}, 'GET', address))).toBe('address_not_allowed')
      }
      await expectInvalid(
        ...[[], ['a'], ['203.0.113.7/8']].map((allowedAddresses) => () => sign({ allowedAddresses })),
      )
    },
  },
  subject: { default: 'none', check: () => checkText('subject', 256) },
  revocable: {
    default: 'false',
    async check() {
      const ledger = memoryLedger({ now: () => NOW })
      const files = latchkeyWith({ ledger })
      for (const options of [{ revocable: true }, { subject: 'ada' }]) {
        const { url } = await sign(options, files)
        expect(refusalOf(await askRoute(url, { ledger }))).toBeUndefined()
        await files.revoke({ url })
        expect(refusalOf(await askRoute(url, { ledger }))).toBe('revoked')
      }
      await expectInvalid(() => sign({ revocable: true }))
    },
  },
  payload: { default: 'none', check: () => checkText('payload', 2048) },
}

async function checkText(name: 'subject' | 'payload', mostBytes: number): Promise<void> {
  for (const text of ['a', 'ä'.repeat(mostBytes / 2)]) {
    const { url } = await sign({ [name]: text })
    expect(await askRoute(url)).toMatchObject({ grant: { [name]: text } })
    expect(url).toContain(Buffer.from(text).toString('base64url'))
  }
  const verdict = await askRoute((await sign()).url)
  expect('grant' in verdict && name in verdict.grant).toBe(false)
  await expectInvalid(...['', 'a'.repeat(mostBytes + 1)].map((text) => () => sign({ [name]: text })))
}
