import { describe, expect, test, vi } from 'vitest'
import { createKeyRing, type KeyRing, mint, OpenedTokens, verify } from '../../src/token/index.js'
import { Recent } from '../../src/token/recent.js'

const AUDIENCE = '/files'
const NOW = 1_795_280_000_000
const LATER = NOW / 1000 + 600

function ring(id: string): KeyRing {
  return createKeyRing([{ id, secret: `the secret of ${id}, which is long enough` }])
}

/** A ring that counts how often it is asked for a MAC. */
function counted(keys: KeyRing) {
  const macOf = vi.fn(keys.macOf)
  return { keys: { ...keys, macOf }, asked: () => macOf.mock.calls.length }
}

async function tokenFor(key: string, keys: KeyRing, expires = LATER): Promise<string> {
  return mint({ keys, audience: AUDIENCE, scope: { key }, fields: { operations: ['get'], expires } })
}

describe('tokens that are remembered', () => {
  test('cost two MACs, however often they come', async () => {
    const { asked, keys } = counted(ring('k1'))
    const token = await tokenFor('a', keys)
    const before = asked()
    const remembered = new OpenedTokens(8)
    for (let times = 0; times < 5; times++) {
      const result = await verify({
        keys,
        audience: AUDIENCE,
        token,
        key: 'a',
        operation: 'get',
        now: NOW,
        remembered,
      })
      expect(result.ok).toBe(true)
    }
    expect(asked() - before).toBe(2)
  })

  test('are none that came once: each costs a MAC, and nothing of it is kept', async () => {
    const { asked, keys } = counted(ring('k1'))
    const remembered = new OpenedTokens(8)
    const kept = vi.spyOn(Recent.prototype, 'set')
    for (let at = 0; at < 50; at++) {
      const token = await tokenFor(`a${at}`, keys)
      const before = asked()
      const asking = { keys, audience: AUDIENCE, token, key: `a${at}`, operation: 'get', now: NOW } as const
      expect((await verify({ ...asking, remembered })).ok).toBe(true)
      expect(asked() - before).toBe(1)
    }
    expect(kept.mock.calls.filter(([name]) => name.startsWith('k1.'))).toEqual([])
    kept.mockRestore()
  })

  test('are held against time, operation, address and revocation each time', async () => {
    const keys = ring('k1')
    const remembered = new OpenedTokens(8)
    const token = await tokenFor('a', keys)
    const asked = {
      keys,
      audience: AUDIENCE,
      token,
      key: 'a',
      operation: 'get',
      now: NOW,
      remembered,
    } as const
    for (let times = 0; times < 2; times++) expect((await verify(asked)).ok).toBe(true)
    expect(await verify({ ...asked, now: LATER * 1000 })).toMatchObject({ code: 'expired' })
    expect(await verify({ ...asked, operation: 'put' })).toMatchObject({ reason: 'operation_not_granted' })
    expect(await verify({ ...asked, isRevoked: () => true })).toMatchObject({ code: 'revoked' })
    expect((await verify(asked)).ok).toBe(true)
  })

  test('open no other key and no other audience', async () => {
    const keys = ring('k1')
    const remembered = new OpenedTokens(8)
    const token = await tokenFor('a', keys)
    const asked = {
      keys,
      audience: AUDIENCE,
      token,
      key: 'a',
      operation: 'get',
      now: NOW,
      remembered,
    } as const
    for (let times = 0; times < 2; times++) expect((await verify(asked)).ok).toBe(true)
    expect(await verify({ ...asked, key: 'b' })).toMatchObject({ reason: 'mac_mismatch' })
    expect(await verify({ ...asked, audience: '/other' })).toMatchObject({ reason: 'mac_mismatch' })
    expect((await verify(asked)).ok).toBe(true)
  })

  test('open nothing once their signing key is gone', async () => {
    const [one, other] = [ring('k1'), ring('k2')]
    const remembered = new OpenedTokens(8)
    const token = await tokenFor('a', one)
    const asked = { audience: AUDIENCE, token, key: 'a', operation: 'get', now: NOW, remembered } as const
    for (let times = 0; times < 2; times++) expect((await verify({ ...asked, keys: one })).ok).toBe(true)
    expect(await verify({ ...asked, keys: other })).toMatchObject({ reason: 'unknown_key_id' })
    const { asked: macs, keys } = counted(one)
    expect((await verify({ ...asked, keys })).ok).toBe(true)
    expect(macs()).toBe(1)
  })

  test('are good ones: what is none of ours leaves nothing', async () => {
    const { asked, keys } = counted(ring('k1'))
    const bad = (await tokenFor('a', ring('k1'))).replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
    const remembered = new OpenedTokens(8)
    for (let times = 0; times < 3; times++) {
      const result = await verify({
        keys,
        audience: AUDIENCE,
        token: bad,
        key: 'a',
        operation: 'get',
        now: NOW,
        remembered,
      })
      expect(result.ok).toBe(false)
    }
    // A MAC each, or none where the altered character is not even base64url.
    expect([0, 3]).toContain(asked())
  })
})

describe('what was made lately', () => {
  test.each([1, 2, 10, 1000])('has at most %i entries, and the last one always', (limit) => {
    const recent = new Recent<number>(limit)
    for (let at = 0; at < 5000; at++) {
      recent.set(`n${at}`, at)
      expect(recent.get(`n${at}`)).toBe(at)
      expect(recent.size).toBeLessThanOrEqual(Math.max(2, limit))
    }
  })

  test('keeps what is asked for again and again', () => {
    const recent = new Recent<number>(100)
    recent.set('kept', 1)
    for (let at = 0; at < 5000; at++) {
      recent.set(`n${at}`, at)
      if (at % 20 === 0) expect(recent.get('kept')).toBe(1)
    }
    expect(recent.get('n10')).toBeUndefined()
    recent.clear()
    expect(recent.get('kept')).toBeUndefined()
  })
})
