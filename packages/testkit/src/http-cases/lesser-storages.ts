import assert from 'node:assert/strict'
import type { HttpCase } from '../http-case.js'
import { below, get, patternBytes, put, readUrl, uploadUrl } from './exchange.js'
import { assertAbsent, assertProblem, assertWhole } from './expect.js'
import { altered } from './faulty-storage.js'

const KEY = 'a.bin'
const OBJECT = patternBytes(300_000)

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
    name: 'a storage without metadata has no public objects',
    storage: (driver) => altered(driver, { capabilities: { ...driver.capabilities, metadata: false } }),
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
