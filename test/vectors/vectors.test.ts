import { createLatchkey } from '@latchkey/core'
import { createKeyRing, decodeObjectKey, type VerifyResult, verify } from '@latchkey/core/token'
import { memoryDriver } from '@latchkey/drivers/memory'
import { describe, expect, test } from 'vitest'
import { CHAIN_CASES } from './chain-cases.js'
import { AUDIENCE, SECRETS } from './forge.js'
import { PATH_CASES } from './path-cases.js'
import { ROUTE_CASES } from './route-cases.js'
import { TOKEN_CASES, type TokenCase } from './token-cases/index.js'

// The JSON files are what other implementations read. They are written from the cases beside this file: when those
// change, run this test with `--update` and review the difference.

const RING = ['2026-11', '2025-04'] as const
const enforces = ['confirm', 'downloads', 'pin'] as const
const keys = createKeyRing(RING.map((id) => ({ id, secret: SECRETS[id] })))

async function resultOf(given: TokenCase): Promise<VerifyResult> {
  const { name: _name, code: _code, isRevoked = false, ...request } = given
  return verify({ ...request, keys, enforces, isRevoked: () => isRevoked })
}

describe('token vectors', () => {
  test.each(TOKEN_CASES)('$name', async (given) => {
    const result = await resultOf(given)
    expect(result.ok ? 'ok' : result.code).toBe(given.code)
  })

  test('have a name each', () => {
    expect(new Set(TOKEN_CASES.map(({ name }) => name)).size).toBe(TOKEN_CASES.length)
  })

  test('are what tokens.json has', async () => {
    const vectors = []
    for (const given of TOKEN_CASES) {
      const result = await resultOf(given)
      vectors.push(result.ok ? { ...given, grant: result.grant } : given)
    }
    const secrets = RING.map((id) => ({ id, secret: SECRETS[id] }))
    await expect(json({ keys: secrets, vectors })).toMatchFileSnapshot('tokens.json')
  })
})

describe('chain vectors', () => {
  test.each(CHAIN_CASES)('$name: each of its tokens holds, and counts under its ids', async (given) => {
    const { audience, chain, key, kid, now, operation } = given
    for (const [at, link] of chain.entries()) {
      const blocks = chain.slice(0, at + 1)
      const token = [kid, ...blocks.map(({ text }) => text), link.mac].join('.')
      const result = await verify({
        keys,
        audience,
        token,
        key,
        operation,
        now,
        enforces,
        isRevoked: () => false,
      })
      const limited = blocks.filter(({ text }) => /(^|~)l/.test(text))
      const ids = result.ok ? result.grant.downloadLimits.map(({ id }) => id) : result.reason
      expect(ids).toEqual(limited.map(({ downloadId }) => downloadId))
    }
  })

  test('are what chains.json has', async () => {
    await expect(json({ vectors: CHAIN_CASES })).toMatchFileSnapshot('chains.json')
  })
})

describe('path vectors', () => {
  test.each(PATH_CASES)('%s', (path, key) => {
    expect(decodeObjectKey(path)).toEqual(key === null ? { ok: false } : { ok: true, key })
  })

  test('are what paths.json has', async () => {
    const vectors = PATH_CASES.map(([path, key]) => ({ path, key }))
    await expect(json({ vectors })).toMatchFileSnapshot('paths.json')
  })
})

describe('route vectors', () => {
  const secrets = RING.map((id) => ({ id, secret: SECRETS[id] }))

  test.each(ROUTE_CASES)('$name', async ({ method, requestTarget, now, code }) => {
    const files = createLatchkey({
      baseUrl: AUDIENCE,
      keys: secrets,
      storage: memoryDriver(),
      now: () => now,
    })
    const path = requestTarget.replace('http://app.example.com', '')
    const header = () => undefined
    const verdict = await files.verifyRoute({ method, path, header, body: null, bodyAlreadyRead: false })
    if ('grant' in verdict) expect(code).toBe('ok')
    else if (method !== 'HEAD') expect(JSON.parse(String(verdict.refusal.body)).code).toBe(code)
    else expect(verdict.refusal.status).toBe(403)
  })

  test('have a name each', () => {
    expect(new Set(ROUTE_CASES.map(({ name }) => name)).size).toBe(ROUTE_CASES.length)
  })

  test('are what routes.json has', async () => {
    await expect(json({ keys: secrets, audience: AUDIENCE, vectors: ROUTE_CASES })).toMatchFileSnapshot(
      'routes.json',
    )
  })
})

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
