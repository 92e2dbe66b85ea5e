import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { attenuate, type DownloadLimit, narrow, verify } from '../../src/token/index.js'
import { tokenOf } from './delegated.js'
import { codeOf, END, KEY, keys, minted, NOW, request } from './tools.js'

const now = () => NOW

function limitsOf(token: string, key = KEY): readonly DownloadLimit[] {
  const result = verify({ ...request, keys, token, key })
  if (result instanceof Promise) throw new Error('node:crypto is synchronous')
  if (!result.ok) throw new Error(result.reason)
  return result.grant.downloadLimits
}

describe('download limits', () => {
  test('are none unless told', () => {
    expect(limitsOf(minted())).toEqual([])
  })

  test('count apart for two mints, and for two narrowings', async () => {
    const ids = new Set<string>()
    for (let mints = 0; mints < 50; mints++) {
      const token = minted({ maxDownloads: 1 })
      ids.add(limitsOf(token)[0]?.id ?? '')
      for (let more = 0; more < 2; more++) {
        const { url } = await narrow(`/a?token=${token}`, { maxDownloads: 1, now })
        ids.add(limitsOf(tokenOf({ url }))[1]?.id ?? '')
      }
    }
    expect(ids.size).toBe(150)
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{22}$/)
  })

  test('stay, with their ids, whatever a token is narrowed to', async () => {
    const narrowing = fc.record(
      {
        maxDownloads: fc.integer({ min: 1, max: 9 }),
        resumeWindow: fc.integer({ min: 1, max: 604_800 }),
        expiresIn: fc.integer({ min: 1, max: 9999 }),
        maxSize: fc.constant(5),
        operations: fc.constant(['get'] as const),
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(narrowing, { maxLength: 7 }), async (steps) => {
        let token = minted({ maxDownloads: 3, resumeWindow: 60 })
        let limits = limitsOf(token)
        let end = END
        for (const { resumeWindow, ...rest } of steps) {
          const windowed = rest.maxDownloads !== undefined && resumeWindow !== undefined
          const step = windowed ? { ...rest, resumeWindow } : rest
          token = tokenOf(await narrow(`/a?token=${token}`, { ...step, now }))
          end = Math.min(end, step.expiresIn === undefined ? end : NOW / 1000 + step.expiresIn)
          const longer = limitsOf(token)
          const window = windowed ? { resumeWindow } : {}
          const own = [{ id: expect.any(String), limit: step.maxDownloads, expiresAt: end, ...window }]
          expect(longer.slice(0, limits.length)).toEqual(limits)
          expect(longer.slice(limits.length)).toEqual(step.maxDownloads === undefined ? [] : own)
          limits = longer
        }
      }),
    )
  })

  test('are kept to the end of the block that has them, however early a narrowed token ends', async () => {
    const token = minted({ maxDownloads: 1 })
    const { url } = await narrow(`/a?token=${token}`, { expiresIn: 1, now })
    expect(limitsOf(tokenOf({ url }))).toEqual(limitsOf(token))
    expect(limitsOf(token)[0]?.expiresAt).toBe(END)
  })

  test('go by what is signed: no other spelling of a token is taken', () => {
    const token = minted({ maxDownloads: 1, id: 'AAAAAAAAAAAAAAAA' })
    const others = [`${token}=`, token.replace('~l1', '~l01'), token.replace('iAAAA', 'iAAA='), ` ${token}`]
    for (const other of others) expect(() => limitsOf(other)).toThrow()
    expect(limitsOf(token)).toEqual(limitsOf(minted({ maxDownloads: 1, id: 'AAAAAAAAAAAAAAAA' })))
  })

  test('do not give away the MAC they follow from', () => {
    const token = minted({ maxDownloads: 1 })
    expect(token).not.toContain(limitsOf(token)[0]?.id)
  })

  test('are one for all keys of a prefix', () => {
    const token = minted({ maxDownloads: 2 }, { prefix: 'reports/' })
    expect(limitsOf(token, 'reports/a')).toEqual(limitsOf(token, 'reports/b'))
  })

  test('have an id of their own where they are added, behind the first block’s', () => {
    const token = attenuate(minted({ id: 'AAAAAAAAAAAAAAAA' }), { fields: { maxDownloads: 1 } })
    expect(token).toMatch(/\.i[A-Za-z0-9_-]{16}~l1~p0\./)
    const result = verify({ ...request, token: String(token) })
    expect(result).toMatchObject({
      ok: true,
      grant: { ids: [{ id: 'AAAAAAAAAAAAAAAA' }, { id: expect.stringMatching(/^A{16}\.[\w-]{16}$/) }] },
    })
  })

  test('have a window only in their own block', () => {
    const token = minted({ maxDownloads: 1 })
    expect(codeOf(() => minted({ resumeWindow: 60 }))).toBe('invalid_option')
    expect(codeOf(() => attenuate(token, { fields: { resumeWindow: 60 } }))).toBe('invalid_option')
    const both = attenuate(token, { fields: { maxDownloads: 2, resumeWindow: 60 } })
    expect(limitsOf(String(both)).map(({ resumeWindow }) => resumeWindow)).toEqual([undefined, 60])
  })

  test.each([0, -1, 1.5, 604_801, Number.NaN])('refuse a window of %s seconds', (resumeWindow) => {
    expect(codeOf(() => minted({ maxDownloads: 1, resumeWindow }))).toBe('invalid_option')
  })

  test.each([0, -1, 1.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY])(
    'are refused: %s',
    (maxDownloads) => {
      expect(codeOf(() => minted({ maxDownloads }))).toBe('invalid_option')
    },
  )
})
