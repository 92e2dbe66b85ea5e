import { describe, expect, test } from 'vitest'
import { useRedis } from '../../../test/engines/use-engine.js'
import { redisLedger } from '../src/redis/index.js'
import { claimFor, persist } from './claims.js'
import { CLIENTS, look } from './redis-clients.js'

describe.each(Object.entries(CLIENTS))('with the client of %s', (_name, connect) => {
  const redis = useRedis()
  const ledgerOf = async (prefix: string) => redisLedger({ client: await connect(redis().url), prefix })

  test('a kill -9 in mid-claims loses no use that was granted, and counts none twice', async () => {
    const ledger = await ledgerOf('kill')
    const claims = Array.from({ length: 400 }, () => claimFor({ limit: 300 }))
    const granted: string[] = []
    const all = Promise.all(
      claims.map(async (claim, at) => {
        await new Promise((resolve) => setTimeout(resolve, at))
        if (await persist(ledger, claim)) granted.push(claim.attempt)
      }),
    )
    for (let times = 0; times < 2; times++) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      await redis().kill()
      await redis().restart()
    }
    await all
    expect(granted).toHaveLength(300)
    const store = await look(redis().url)
    expect(await store.get('kill:{a}:used')).toBe('300')
    expect(await store.keys('kill:{a}:attempt:*')).toHaveLength(300)
  })

  test('where Redis is down, every question is refused at once, and answered when it is back', async () => {
    const ledger = await ledgerOf('down')
    await ledger.claim(claimFor())
    await redis().kill()
    await new Promise((resolve) => setTimeout(resolve, 100))
    const began = Date.now()
    const claim = claimFor()
    const questions = [
      () => ledger.claim(claim),
      () => ledger.release(claim),
      () => ledger.isSpent(claim),
      () => ledger.revoke(['a'], { issuedBy: 1, expiresAt: claim.expiresAt }),
      () => ledger.isRevoked(['a'], 1),
    ]
    for (const question of questions) {
      await expect(question()).rejects.toMatchObject({ name: 'LatchkeyError', code: 'ledger_unavailable' })
    }
    expect(Date.now() - began).toBeLessThan(1500)
    await redis().restart()
    expect(await persist(ledger, claim)).toBe(false)
  })

  test('where Redis hangs, claims are refused after two seconds; what they took then is given back', async () => {
    const ledger = await ledgerOf('hang')
    expect(await ledger.isSpent(claimFor({ limit: 5 }))).toBe(false)
    await redis().pause()
    const began = Date.now()
    const claims = Array.from({ length: 5 }, () => claimFor({ limit: 5 }))
    const answers = claims.map((claim) =>
      expect(ledger.claim(claim)).rejects.toThrow('no answer for 2000 ms'),
    )
    await Promise.all(answers)
    expect(Date.now() - began).toBeLessThan(3000)
    await redis().resume()
    const store = await look(redis().url)
    await expect.poll(() => store.get('hang:{a}:used'), { timeout: 5000 }).toBe('0')
    expect(await ledger.claim(claimFor())).toBe(true)
  })

  test('a claim that is repeated after it was given up is granted, and counts once', async () => {
    const ledger = await ledgerOf('again')
    expect(await ledger.isSpent(claimFor())).toBe(false)
    const claim = claimFor({ limit: 2 })
    await redis().pause()
    await expect(ledger.claim(claim)).rejects.toThrow('no answer')
    const again = ledger.claim(claim)
    await redis().resume()
    expect(await again).toBe(true)
    await new Promise((resolve) => setTimeout(resolve, 200))
    const store = await look(redis().url)
    expect(await store.get('again:{a}:used')).toBe('1')
    expect(await ledger.claim(claimFor({ limit: 2 }))).toBe(true)
    expect(await ledger.claim(claimFor({ limit: 2 }))).toBe(false)
  })

  test('a server that was restarted, or whose scripts were flushed, is sent them anew', async () => {
    const ledger = await ledgerOf('scripts')
    const ask = async () => {
      const claim = claimFor({ limit: 2 })
      expect(await ledger.claim(claim)).toBe(true)
      expect(await ledger.isSpent(claim)).toBe(false)
      await ledger.release(claim)
      await ledger.revoke(['a'], { issuedBy: 5, expiresAt: claim.expiresAt })
      expect(await ledger.isRevoked(['a'], 5)).toBe(true)
    }
    await ask()
    const store = await look(redis().url)
    await store.scriptFlush()
    await ask()
    await redis().restart()
    await persist(ledger, claimFor({ id: 'other' }))
    await ask()
  })

  test('what Redis refuses is refused: without room, without permission', async () => {
    const store = await look(redis().url)
    const client = await connect(redis().url)
    await store.configSet('maxmemory', '1mb')
    const full = redisLedger({ client, prefix: 'full' })
    await expect(full.claim(claimFor())).rejects.toThrow(/^Redis: OOM/)
    await store.configSet('maxmemory', '0')
    expect(await full.claim(claimFor())).toBe(true)

    await store.aclSetUser('default', ['-evalsha'])
    await expect(full.claim(claimFor())).rejects.toThrow(/^Redis: NOPERM/)
    await store.aclSetUser('default', ['+evalsha'])
  })
})
