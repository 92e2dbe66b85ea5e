import type { RedisScript } from './scripts.js'

/** A client of the package `redis`, 4 or later: `createClient`, `createClientPool`, `createCluster`, `createSentinel`. */
export interface NodeRedisClient {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  evalSha(sha1: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
}

/** A client of the package `ioredis`, 5 or later: `Redis`, `Cluster`. */
export interface IoRedisClient {
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>
  evalsha(sha1: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>
}

/** Runs a script, and sends its text only where the server does not know it: when it is new or was restarted. */
export async function runScript(
  client: NodeRedisClient | IoRedisClient,
  { text, sha1 }: RedisScript,
  keys: string[],
  args: string[],
): Promise<unknown> {
  const options = { keys, arguments: args }
  try {
    if ('evalSha' in client) return await client.evalSha(sha1, options)
    return await client.evalsha(sha1, keys.length, ...keys, ...args)
  } catch (error) {
    if (!isUnknownScript(error)) throw error
  }
  if ('evalSha' in client) return client.eval(text, options)
  return client.eval(text, keys.length, ...keys, ...args)
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT')
}
