import { describe, expect, test } from 'vitest'
import { attenuate, type Grant, type VerifyOptions, verify } from '../../src/token/index.js'
import { END, minted, request } from './tools.js'

const { isRevoked: _nobody, ...notLooking } = request
const marked = () => minted({ issuedAt: 1_795_279_999 })

describe('a token that can be revoked', () => {
  test('is refused by whoever does not look, narrowed or not', async () => {
    for (const token of [marked(), String(attenuate(marked(), { fields: { expires: END - 1 } }))]) {
      expect(verify({ ...request, token })).toMatchObject({ ok: true })
      expect(verify({ ...notLooking, token })).toEqual({
        ok: false,
        code: 'invalid_signature',
        reason: 'not_enforced',
      })
    }
    expect(verify({ ...notLooking, token: minted() })).toMatchObject({ ok: true })
  })

  test('is asked about once its MAC holds and its times are right, and never before', () => {
    const asked: Grant[] = []
    const isRevoked = (grant: Grant) => asked.push(grant) < 0
    const ask = (options: Partial<VerifyOptions>) =>
      verify({ ...request, token: marked(), isRevoked, ...options })
    ask({ key: 'other' })
    ask({ now: END * 1000 })
    ask({ token: minted({ issuedAt: 1, notBefore: END - 1 }) })
    expect(asked).toEqual([])
    ask({ operation: 'put' })
    ask({ token: minted() })
    expect(asked.map(({ issuedAt, ids }) => [issuedAt, ids.length])).toEqual([
      [1_795_279_999, 1],
      [undefined, 0],
    ])
  })

  test.each([true, undefined, null, 0, 'no'])(
    'is revoked unless the answer is a clear no: %j',
    async (answer) => {
      const revoked = { ok: false, code: 'revoked', reason: 'revoked' }
      for (const isRevoked of [() => answer as boolean, async () => answer as boolean]) {
        expect(await verify({ ...request, token: marked(), isRevoked })).toEqual(revoked)
      }
    },
  )

  test('is not decided about where nobody can tell', async () => {
    const isRevoked = () => Promise.reject(new Error('down'))
    await expect(verify({ ...request, token: marked(), isRevoked })).rejects.toThrow('down')
  })
})
