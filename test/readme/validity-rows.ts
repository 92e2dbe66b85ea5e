import type { StableOption, ValidityAndSubject } from '@latchkey/core/token'
import { expect } from 'vitest'
import { memoryLedger } from '../../packages/ledgers/src/memory/index.js'
import { codeOf, expectInvalid, latchkeyWith, NOW, send } from './exchange.js'
import type { Rows } from './rows.js'

const DAY = 86_400

interface Signed {
  readonly url: string
  readonly expiresAt: Date
  /** Of a cookie. */
  readonly value?: string
}

type Sign = (options: ValidityAndSubject) => Promise<Signed>

/** The rows of the options that everything has that is signed. `place` is where the token stands. */
export function validityRows(sign: Sign, place: 'url' | 'value' = 'url'): Rows {
  const life = async (options: ValidityAndSubject) => ((await sign(options)).expiresAt.getTime() - NOW) / 1000
  return {
    expiresIn: {
      default: '3600 s',
      async check() {
        expect(await life({})).toBe(3600)
        for (const [given, seconds] of [
          [1, 1],
          ['30s', 30],
          ['10m', 600],
          ['1h', 3600],
          ['7d', 604_800],
        ] as const) {
          expect(await life({ expiresIn: given })).toBe(seconds)
        }
        const bad = [0, -1, 1.5, 604_801, Number.NaN, '8d', '10', '1w', ' 1h']
        await expectInvalid(...bad.map((expiresIn) => () => sign({ expiresIn })))
      },
    },
    validUntil: {
      default: 'none',
      async check() {
        expect(await life({ validUntil: NOW + 60_000 })).toBe(60)
        expect(await life({ validUntil: new Date(NOW + 7 * DAY * 1000) })).toBe(7 * DAY)
        await expectInvalid(
          () => sign({ validUntil: NOW + 999 }),
          () => sign({ validUntil: NOW + 7 * DAY * 1000 + 1 }),
          () => sign({ validUntil: new Date(Number.NaN) }),
          () => sign({ validUntil: NOW + 60_000, expiresIn: 60 }),
        )
      },
    },
    notBefore: {
      default: 'at once',
      async check() {
        await sign({ notBefore: NOW + 3_599_000 })
        await expectInvalid(() => sign({ notBefore: NOW + 3_600_000 }))
        const { url } = await latchkeyWith().signedUrl('a', { notBefore: NOW + 1000 })
        expect(codeOf(await send(latchkeyWith(), 'GET', url))).toBe('not_yet_valid')
        expect(codeOf(await send(latchkeyWith({ now: () => NOW + 1000 }), 'GET', url))).toBe('not_found')
      },
    },
    allowedAddresses: {
      default: 'any',
      async check() {
        const list = ['10.0.0.0/8', '2001:DB8::1']
        const { [place]: token } = await sign({ allowedAddresses: list })
        expect(token).toContain(Buffer.from('10.0.0.0/8,2001:db8::1').toString('base64url'))
        const { url } = await latchkeyWith().signedUrl('a', { allowedAddresses: list })
        const answer = async (address?: string) =>
          codeOf(await send(latchkeyWith(), 'GET', url, address === undefined ? {} : { address }))
        expect(await answer('10.1.2.3')).toBe('not_found')
        for (const address of ['11.0.0.1', '2001:db8::2', undefined]) {
          expect(await answer(address)).toBe('address_not_allowed')
        }
        await sign({ allowedAddresses: Array.from({ length: 64 }, (_, at) => `10.0.0.${at}`) })
        const bad = [[], Array(65).fill('10.0.0.1'), ['10.0.0.1/8'], ['host'], [''], ['fe80::1%eth0']]
        await expectInvalid(...bad.map((allowedAddresses) => () => sign({ allowedAddresses })))
      },
    },
    subject: {
      default: 'none',
      async check() {
        const { [place]: token } = await sign({ subject: 'ada' })
        expect(token).toContain(Buffer.from('ada').toString('base64url'))
        await sign({ subject: 'a'.repeat(256) })
        await expectInvalid(...['', 'a'.repeat(257)].map((subject) => () => sign({ subject })))
      },
    },
    revocable: {
      default: 'false',
      async check() {
        expect((await sign({}))[place]).not.toMatch(/[.~]g\d/)
        await sign({ subject: 'ada', revocable: false })
        await expectInvalid(
          () => sign({ revocable: true }),
          () => sign({ revocable: 'no' as never }),
        )
        const files = latchkeyWith({ ledger: memoryLedger({ now: () => NOW }) })
        for (const options of [{ revocable: true }, { subject: 'ada' }]) {
          const { url } = await files.signedUrl('a', options)
          expect(codeOf(await send(files, 'GET', url))).toBe('not_found')
          await files.revoke({ url })
          expect(codeOf(await send(files, 'GET', url))).toBe('revoked')
        }
        const { id } = await files.signedUrl('a', { subject: 'ada', revocable: false })
        expect(id).toBeUndefined()
      },
    },
  }
}

/** The row of the option of what is read again and again. */
export function stableRow(sign: (options: StableOption & ValidityAndSubject) => Promise<Signed>): Rows {
  return {
    stableFor: {
      default: 'each call by itself',
      async check() {
        const end = async (options: StableOption) => (await sign(options)).expiresAt.getTime()
        expect(await end({})).toBe(NOW + 3_600_000)
        expect(await end({ stableFor: '1h' })).toBe((Math.floor(NOW / 3_600_000) + 2) * 3_600_000)
        expect(await end({ stableFor: 1 })).toBe(NOW + 3_601_000)
        await expectInvalid(
          ...[0, -1, 1.5, 'x', '7d'].map((stableFor) => () => sign({ stableFor })),
          () => sign({ stableFor: '1m', validUntil: NOW + 60_000 }),
          () => sign({ stableFor: '1m', maxDownloads: 1 } as StableOption),
          () => sign({ stableFor: '1m', revocable: true } as StableOption),
        )
      },
    },
  }
}
