import { afterAll, beforeAll, beforeEach } from 'vitest'
import { needProgram } from '../need-program.js'
import type { Found } from '../program.mjs'
import type { Engine } from './engine.js'
import { startNginx } from './nginx.js'
import { type PostgresOptions, startPostgres } from './postgres.js'
import { findNginx, findPostgres, findRadosgw, findRedis } from './programs.mjs'
import { startRadosgw } from './radosgw.js'
import { type RedisOptions, startRedis } from './redis.js'

/** A Redis for the tests of one file or block. Where there is none they are skipped, and in CI they fail. */
export function useRedis(options: RedisOptions = {}): () => Engine {
  return useEngine('Redis', findRedis(), () => startRedis(options))
}

/** A PostgreSQL for the tests of one file or block. Where there is none they are skipped, and in CI they fail. */
export function usePostgres(options: PostgresOptions = {}): () => Engine {
  return useEngine('PostgreSQL', findPostgres(), () => startPostgres(options))
}

/**
 * An nginx for the tests of one file or block. Where there is none they are skipped, and in CI they fail.
 *
 * @param server gives what stands in its `server { … }`; asked when it starts
 */
export function useNginx(server: () => Promise<string>): () => Engine {
  return useEngine('nginx', findNginx(), async () => startNginx(await server()))
}

/** An S3 store for the tests of one file or block. Where there is none they are skipped, and in CI they fail. */
export function useRadosgw(): () => Engine {
  return useEngine('radosgw', findRadosgw(), startRadosgw)
}

function useEngine(name: string, found: Found, start: () => Promise<Engine>): () => Engine {
  let engine: Engine | undefined
  beforeAll(async () => {
    if ('path' in found) engine = await start()
  })
  beforeEach((context) => needProgram(name, found, context))
  afterAll(() => engine?.stop())
  return () => {
    if (engine === undefined) throw new Error(`${name} was not started`)
    return engine
  }
}
