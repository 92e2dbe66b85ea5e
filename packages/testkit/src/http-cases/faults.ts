import assert from 'node:assert/strict'
import { LatchkeyError, type LatchkeyErrorCode, type StorageDriver } from '@latchkey/core'
import type { HttpCase } from '../http-case.js'
import { below, get, head, patternBytes, put, readUrl, remove, removeUrl, uploadUrl } from './exchange.js'
import { assertProblem, refused } from './expect.js'
import { altered } from './faulty-storage.js'
import { assertHushed, HUSH, QUIET } from './hushed.js'

const KEY = 'a.bin'

const STORAGE_CODES = [
  ['storage_full', 507],
  ['storage_denied', 503],
  ['storage_unavailable', 503],
] as const satisfies readonly (readonly [LatchkeyErrorCode, number])[]

/** A storage of which everything but `capabilities` fails. */
function failing(driver: StorageDriver, errorOf: () => Error): StorageDriver {
  const fail = async (): Promise<never> => {
    throw errorOf()
  }
  return altered(driver, { stat: fail, open: fail, write: fail, delete: fail })
}

/** Storages that fail. */
export const faultCases: readonly HttpCase[] = [
  ...STORAGE_CODES.map(
    ([code, status]): HttpCase => ({
      name: `${code} is answered with ${status}, and with nothing of the storage`,
      options: QUIET,
      storage: (driver) => failing(driver, () => new LatchkeyError(code, HUSH)),
      async run(context) {
        for (const reply of [
          await get(context, await readUrl(context, KEY)),
          await put(context, await uploadUrl(context, KEY), 'bytes'),
          await remove(context, await removeUrl(context, KEY)),
        ]) {
          assertProblem(reply, status, code)
          assertHushed(reply.body.toString() + JSON.stringify(reply.headers))
          assert.equal(reply.headers['retry-after'] !== undefined, status === 503)
        }
        assert.equal((await head(context, await readUrl(context, KEY))).status, status)
      },
    }),
  ),
  {
    name: 'a storage that fails is not asked about what is refused anyway',
    options: QUIET,
    storage: (driver) =>
      altered(
        failing(driver, () => new LatchkeyError('storage_unavailable', HUSH)),
        {
          stat: async () => null,
        },
      ),
    async run(context) {
      assertProblem(await get(context, below(context, `/${KEY}?token=junk`)), 403, 'invalid_signature')
      assertProblem(await put(context, below(context, `/${KEY}`), 'bytes'), 403, 'token_required')
      assertProblem(await remove(context, below(context, `/${KEY}`)), 403, 'token_required')
    },
  },
  {
    name: 'storage_full in the middle of an upload is answered with 507',
    options: QUIET,
    storage: (driver) =>
      altered(driver, {
        write: async (_key, body) => {
          for await (const _ of body) break
          throw new LatchkeyError('storage_full', HUSH)
        },
      }),
    async run(context) {
      const url = await uploadUrl(context, KEY)
      const reply = await refused(context, KEY, [507, 'storage_full'], () =>
        put(context, url, patternBytes(2_000_000)),
      )
      assertHushed(reply.body.toString())
    },
  },
  {
    name: 'an error that nobody foresaw is the framework’s, and its message goes to no client',
    options: QUIET,
    storage: (driver) => failing(driver, () => new Error(HUSH)),
    async run(context) {
      for (const reply of [
        await get(context, await readUrl(context, KEY)),
        await put(context, await uploadUrl(context, KEY), 'bytes'),
        await remove(context, await removeUrl(context, KEY)),
      ]) {
        assert.equal(reply.status, 500)
        assertHushed(reply.body.toString() + JSON.stringify(reply.headers))
      }
    },
  },
]
