import assert from 'node:assert/strict'
import { LatchkeyError, type ObjectStat, type Precondition, type StorageDriver } from '@latchkey/core'
import type { HttpCase } from '../http-case.js'
import { below, get, patternBytes, put, readUrl, remove, removeUrl, uploadUrl } from './exchange.js'
import { assertAbsent, assertProblem, assertWhole } from './expect.js'
import { altered } from './faulty-storage.js'
import { QUIET } from './hushed.js'

const KEY = 'a.bin'
const OBJECT = patternBytes(300_000)

/** The storage with weak ETags, which would hold a write to one if it were asked to. */
function weaklyTagged(driver: StorageDriver): StorageDriver {
  const weak = <T extends ObjectStat | null>(stat: T): T =>
    stat === null ? stat : { ...stat, etag: `W/${stat.etag.replace(/^W\//, '')}` }
  const strong = (precondition: Precondition | undefined): Precondition | undefined =>
    precondition?.type === 'match'
      ? { type: 'match', etags: precondition.etags.map((etag) => etag.replace(/^W\//, '')) }
      : precondition
  return altered(driver, {
    capabilities: { ...driver.capabilities, strongEtags: false },
    write: (key, body, { precondition, ...options }) => {
      const held = strong(precondition)
      return driver.write(key, body, { ...options, ...(held !== undefined && { precondition: held }) })
    },
    delete: (key, precondition) => driver.delete(key, strong(precondition)),
    stat: async (key) => weak(await driver.stat(key)),
    open: async (key) => {
      const object = await driver.open(key)
      return object === null
        ? null
        : { stat: weak(object.stat), read: (range) => object.read(range), close: () => object.close() }
    },
  })
}

/** The storage that holds no versions: the first `times` that one is read, it is gone. */
function losing(driver: StorageDriver, times: number): StorageDriver {
  let left = times
  return altered(driver, {
    capabilities: { ...driver.capabilities, heldVersions: false },
    open: async (key) => {
      const object = await driver.open(key)
      return object === null
        ? null
        : {
            stat: object.stat,
            read: (range) => {
              if (left-- > 0) throw new LatchkeyError('precondition_failed', 'the version is gone')
              return object.read(range)
            },
            close: () => object.close(),
          }
    },
  })
}

/** Storages that lack a capability. */
export const lesserStorageCases: readonly HttpCase[] = [
  {
    name: 'a storage without ranges is served whole, and says so',
    storage: (driver) => altered(driver, { capabilities: { ...driver.capabilities, ranges: false } }),
    async run(context) {
      const { stat } = await context.put(KEY, OBJECT)
      const url = await readUrl(context, KEY)
      for (const headers of [
        { range: 'bytes=0-9' },
        { range: 'bytes=0-9', 'if-range': stat.etag },
        { range: 'bytes=999999-' },
      ]) {
        const reply = await get(context, url, headers)
        assertWhole(reply, OBJECT)
        assert.equal(reply.headers['accept-ranges'], undefined)
      }
    },
  },
  {
    name: 'a storage without conditional writes is refused uploads that need one',
    storage: (driver) =>
      altered(driver, { capabilities: { ...driver.capabilities, conditionalWrites: false } }),
    async run(context) {
      const { stat } = await context.put('old.txt', 'old')
      for (const options of [{}, { ifMatch: stat.etag }]) {
        await assert.rejects(context.files.signedUploadUrl(KEY, options), { code: 'invalid_option' })
      }
      // Minted by a process whose storage could.
      const { url } = await context.another({ storage: context.driver }).signedUploadUrl(KEY)
      const reply = await put(context, url, 'bytes')
      assert.ok(reply.status >= 400, String(reply.status))
      await assertAbsent(context, KEY)
      assert.equal(
        (await put(context, await uploadUrl(context, KEY, { allowOverwrite: true }), 'bytes')).status,
        201,
      )
    },
  },
  {
    name: 'a storage without conditional writes takes uploads that each get a random suffix',
    storage: (driver) =>
      altered(driver, {
        capabilities: { ...driver.capabilities, conditionalWrites: false },
        write: (key, body, options) => {
          assert.equal(options.precondition, undefined, 'it is not asked for what it cannot')
          return driver.write(key, body, options)
        },
      }),
    async run(context) {
      const url = await uploadUrl(context, KEY, { addRandomSuffix: true })
      const keys = new Set<string>()
      for (const bytes of ['one', 'two']) {
        const reply = await put(context, url, bytes)
        assert.equal(reply.status, 201)
        const { key } = JSON.parse(reply.body.toString()) as { key: string }
        keys.add(key)
        assertWhole(await get(context, await readUrl(context, key)), bytes)
      }
      assert.equal(keys.size, 2)
      await assertAbsent(context, KEY)
    },
  },
  {
    name: 'a storage that is only read refuses uploads where they are minted and where they come in',
    storage: (driver) => altered(driver, { capabilities: { ...driver.capabilities, uploads: false } }),
    async run(context) {
      for (const options of [{}, { allowOverwrite: true }, { addRandomSuffix: true }]) {
        await assert.rejects(context.files.signedUploadUrl(KEY, options), { code: 'invalid_option' })
      }
      const { url } = await context
        .another({ storage: context.driver })
        .signedUploadUrl(KEY, { allowOverwrite: true })
      assertProblem(await put(context, url, 'bytes'), 503, 'storage_denied')
      await assertAbsent(context, KEY)
      await context.put(KEY, 'bytes')
      assertWhole(await get(context, await readUrl(context, KEY)), 'bytes')
      assert.equal((await remove(context, await removeUrl(context, KEY))).status, 204)
    },
    options: QUIET,
  },
  {
    name: 'a weak ETag saves a transfer, and nothing is held to it',
    storage: weaklyTagged,
    needs: ['conditionalWrites'],
    async run(context) {
      await context.put(KEY, 'bytes')
      const read = await readUrl(context, KEY)
      const { etag = '' } = (await get(context, read)).headers
      const opaque = etag.slice(2)
      assert.match(etag, /^W\/"/)
      assert.equal((await get(context, read, { 'if-none-match': etag })).status, 304)
      assert.equal((await get(context, read, { 'if-none-match': opaque })).status, 304)
      for (const ifMatch of [etag, opaque]) {
        assertProblem(await get(context, read, { 'if-match': ifMatch }), 412, 'precondition_failed')
        const ifRange = await get(context, read, { range: 'bytes=0-1', 'if-range': ifMatch })
        assertWhole(ifRange, 'bytes')
      }
      await assert.rejects(context.files.signedUploadUrl(KEY, { ifMatch: opaque }), {
        code: 'invalid_option',
      })
      const replace = await uploadUrl(context, KEY, { allowOverwrite: true })
      const rid = await removeUrl(context, KEY)
      for (const headers of [
        { 'if-match': etag },
        { 'if-match': opaque },
        { 'if-match': '*' },
        { 'if-unmodified-since': new Date(Date.now() + 9e6).toUTCString() },
      ]) {
        assertProblem(await put(context, replace, 'new', headers), 412, 'precondition_failed')
        assertProblem(await remove(context, rid, headers), 412, 'precondition_failed')
      }
      assertWhole(await get(context, read), 'bytes')
      assertProblem(await put(context, await uploadUrl(context, KEY), 'new'), 409, 'exists')
      assert.equal((await put(context, replace, 'new')).status, 200)
      assert.equal((await remove(context, rid)).status, 204)
    },
  },
  {
    name: 'a download begins again where its version goes between the opening and the first byte',
    storage: (driver) => losing(driver, 3),
    async run(context) {
      await context.put(KEY, OBJECT)
      assertWhole(await get(context, await readUrl(context, KEY)), OBJECT)
    },
  },
  {
    name: 'a download gives up where its version always goes, and says to try again',
    storage: (driver) => losing(driver, Number.POSITIVE_INFINITY),
    async run(context) {
      await context.put(KEY, OBJECT)
      assertProblem(await get(context, await readUrl(context, KEY)), 503, 'storage_unavailable')
    },
    options: QUIET,
  },
  {
    name: 'a storage without metadata has no public objects',
    needs: ['visibility'],
    storage: (driver) =>
      altered(driver, { capabilities: { ...driver.capabilities, metadata: false, visibility: false } }),
    async run(context) {
      await context.put(KEY, 'bytes', { visibility: 'public' })
      assertProblem(await get(context, below(context, `/${KEY}`)), 403, 'token_required')
      const minted = context.files.signedUploadUrl('b', { visibility: 'public' })
      await assert.rejects(minted, { code: 'invalid_option' })
      const { url } = await context
        .another({ storage: context.driver })
        .signedUploadUrl('b', { visibility: 'public' })
      const reply = await put(context, url, 'bytes')
      assert.ok(reply.status >= 400, String(reply.status))
      await assertAbsent(context, 'b')
    },
  },
]
