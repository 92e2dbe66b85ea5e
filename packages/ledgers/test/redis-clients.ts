import { Redis } from 'ioredis'
import { createClient, createClientPool } from 'redis'
import { onTestFinished } from 'vitest'
import type { RedisLedgerOptions } from '../src/redis/index.js'

type Connect = (url: string) => Promise<RedisLedgerOptions['client']>

/** Every kind of client, with the options that the README has; closed when the test is over. */
export const CLIENTS: Readonly<Record<string, Connect>> = {
  async redis(url) {
    const client = createClient({ url, disableOfflineQueue: true, socket: { reconnectStrategy: 50 } })
    client.on('error', () => {})
    await client.connect()
    onTestFinished(() => client.destroy())
    return client
  },
  async 'redis, a pool'(url) {
    const client = createClientPool({ url, disableOfflineQueue: true, socket: { reconnectStrategy: 50 } })
    client.on('error', () => {})
    await client.connect()
    onTestFinished(() => client.destroy())
    return client
  },
  async ioredis(url) {
    const client = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 1, lazyConnect: true })
    client.on('error', () => {})
    await client.connect()
    onTestFinished(() => client.disconnect())
    return client
  },
}

/** A client for the test's own looks into the store. */
export async function look(url: string) {
  const client = createClient({ url })
  client.on('error', () => {})
  await client.connect()
  onTestFinished(() => client.destroy())
  return client
}
