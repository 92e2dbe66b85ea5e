import type { ValidityAndSubject } from '@latchkey/core/token'
import { expect } from 'vitest'
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
    subject: {
      default: 'none',
      async check() {
        const { [place]: token } = await sign({ subject: 'ada' })
        expect(token).toContain(Buffer.from('ada').toString('base64url'))
        await sign({ subject: 'a'.repeat(256) })
        await expectInvalid(...['', 'a'.repeat(257)].map((subject) => () => sign({ subject })))
      },
    },
  }
}
