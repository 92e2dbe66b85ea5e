import { Cluster, Redis } from 'ioredis'
import { createClient, createCluster } from 'redis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { useRedis } from '../../../test/engines/use-engine.js'
import { redisLedger } from '../src/redis/index.js'
import { claimFor } from './claims.js'
import { CLIENTS, look } from './redis-clients.js'

describe.each(Object.entries(CLIENTS))('with the client of %s', (name, connect) => {
  const redis = useRedis()

  test('everything that it keeps has an end, and is gone then', async () => {
    const prefix = `end:${name.length}`
    const ledger = redisLedger({ client: await connect(redis().url), prefix })
    const store = await look(redis().url)
    const expiresAt = Math.floor(Date.now() / 1000) + 2
    const resume = { client: 'c', seconds: 1, joins: false }
    const claim = claimFor({ expiresAt, limit: 3, resume })
    await ledger.claim({ ...claim, attempt: 'released' })
    await ledger.release({ ...claim, attempt: 'released' })
    await ledger.claim(claim)
    await ledger.claim({ ...claim, attempt: 'joined', resume: { ...resume, joins: true } })
    await ledger.revoke(['name', 'other'], { issuedBy: 1, expiresAt })
    const keys = await store.keys(`${prefix}:*`)
    const isKeptOn = (key: string) => /:(?:attempt|window):/.test(key)
    expect(keys).toHaveLength(6)
    for (const key of keys) {
      const left = await store.pTTL(key)
      expect([key, left > 0 && left <= (isKeptOn(key) ? 300_000 : 2000)]).toEqual([key, true])
    }
    await expect
      .poll(async () => (await store.keys(`${prefix}:*`)).every(isKeptOn), { timeout: 5000 })
      .toBe(true)
  })

  test('a release after the end of its id leaves nothing', async () => {
    const prefix = `after:${name.length}`
    const ledger = redisLedger({ client: await connect(redis().url), prefix })
    const store = await look(redis().url)
    const claim = claimFor({ expiresAt: Math.floor(Date.now() / 1000) + 2 })
    expect(await ledger.claim(claim)).toBe(true)
    await expect.poll(() => store.exists(`${prefix}:{a}:used`), { timeout: 5000 }).toBe(0)
    await ledger.release(claim)
    expect(await store.keys(`${prefix}:*`)).toEqual([])
  })

  test('a revocation may be for good', async () => {
    const ledger = redisLedger({ client: await connect(redis().url), prefix: `good:${name.length}` })
    const all = Number.MAX_SAFE_INTEGER
    await ledger.revoke(['a'], { issuedBy: 5, expiresAt: all })
    await ledger.revoke(['a'], { issuedBy: all, expiresAt: 1 })
    expect(await ledger.isRevoked(['a'], all)).toBe(true)
    const nothing = { code: 'invalid_option' }
    await expect(ledger.isRevoked(['a'], Number.NaN)).rejects.toMatchObject(nothing)
    await expect(ledger.revoke(['a'], { issuedBy: Number.NaN, expiresAt: 1 })).rejects.toMatchObject(nothing)
    await expect(ledger.revoke(['a'], { issuedBy: 1, expiresAt: Number.NaN })).rejects.toMatchObject(nothing)
  })

  test('an attempt is remembered for five minutes', async () => {
    const ledger = redisLedger({ client: await connect(redis().url), prefix: `five:${name.length}` })
    const store = await look(redis().url)
    const resume = { client: 'c', seconds: 60, joins: true }
    const claims = [claimFor({ resume }), claimFor({ resume })]
    for (const claim of claims) expect(await ledger.claim(claim)).toBe(true)
    for (const { attempt } of claims) {
      const left = await store.pTTL(`five:${name.length}:{a}:attempt:${attempt}`)
      expect(left).toBeGreaterThan(295_000)
    }
  })
})

describe('a cluster', () => {
  const node = useRedis({ settings: ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'] })

  const clusters = {
    async redis() {
      const client = createCluster({ rootNodes: [{ url: node().url }] })
      client.on('error', () => {})
      await client.connect()
      onTestFinished(() => client.destroy())
      return client
    },
    async ioredis() {
      const client = new Cluster([{ host: '127.0.0.1', port: node().port }])
      onTestFinished(() => client.disconnect())
      return client
    },
  }

  test.each(Object.entries(clusters))(
    'the keys of each script are in one slot: %s',
    async (name, connect) => {
      const store = new Redis(node().url)
      onTestFinished(() => store.disconnect())
      await store.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383').catch(() => {})
      await expect
        .poll(() => store.call('CLUSTER', 'INFO'), { timeout: 10_000 })
        .toContain('cluster_state:ok')
      await expect(store.mget('a', 'b')).rejects.toThrow('CROSSSLOT')

      const ledger = redisLedger({ client: await connect(), prefix: `cluster:${name}` })
      for (const id of ['plain', '{a}', '}b{', '{', '', 'x'.repeat(256)]) {
        const resume = { client: 'c}{', seconds: 60, joins: true }
        const claim = claimFor({ id, resume, limit: 2, attempt: '}a{b}' })
        expect(await ledger.claim(claim)).toBe(true)
        expect(await ledger.isSpent(claim)).toBe(false)
        await ledger.release(claim)
      }
      const names = Array.from({ length: 600 }, (_, at) => `{${at}}`)
      await ledger.revoke(names, { issuedBy: 5, expiresAt: claimFor().expiresAt })
      expect(await ledger.isRevoked(['none', ...names.slice(599)], 5)).toBe(true)
    },
  )
})

describe('a wrong password', () => {
  const redis = useRedis()

  test.each(['redis', 'ioredis'])('is an error at once: %s', async (name) => {
    const url = redis().url.replace('//', '//somebody:wrong@')
    const client = name === 'redis' ? createClient({ url, disableOfflineQueue: true }) : new Redis(url)
    client.on('error', () => {})
    onTestFinished(() => (client instanceof Redis ? client.disconnect() : client.destroy()))
    if (!(client instanceof Redis)) client.connect().catch(() => {})
    const refused = { code: 'ledger_unavailable' }
    await expect(redisLedger({ client }).claim(claimFor())).rejects.toMatchObject(refused)
  })
})

test('a prefix is refused that would change the slot, or is none', () => {
  const client = { eval: async () => 1, evalSha: async () => 1 }
  for (const prefix of ['', '{a}', 'a}', 'a b', 'ä', 'a\n', 'x'.repeat(65)]) {
    expect(() => redisLedger({ client, prefix })).toThrow(expect.objectContaining({ code: 'invalid_option' }))
  }
  redisLedger({ client, prefix: 'x'.repeat(64) })
})

test('what the server does not say is not taken for a yes', async () => {
  for (const reply of [null, undefined, '', 'OK', 2, 'true']) {
    const client = { eval: async () => reply, evalSha: async () => reply }
    const ledger = redisLedger({ client })
    expect(await ledger.claim(claimFor())).toBe(false)
  }
})
