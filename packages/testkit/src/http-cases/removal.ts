import assert from 'node:assert/strict'
import type { HttpCase } from '../http-case.js'
import { below, get, readUrl, remove, removeUrl, request } from './exchange.js'
import { assertAbsent, assertNotStored, assertProblem, assertStored, refused } from './expect.js'
import { secondsFrom } from './http-dates.js'

const KEY = 'folder/a.txt'

/** DELETE. */
export const removalCases: readonly HttpCase[] = [
  {
    name: 'DELETE removes with 204, and is 404 the second time',
    async run(context) {
      await context.put(KEY, 'text')
      await context.put('folder/b.txt', 'other')
      const url = await removeUrl(context, KEY)
      const reply = await remove(context, url)
      assert.deepEqual([reply.status, reply.body.byteLength], [204, 0])
      assertNotStored(reply)
      await assertAbsent(context, KEY)
      await assertStored(context, 'folder/b.txt', 'other')
      assertProblem(await remove(context, url), 404, 'not_found')
      assertProblem(await get(context, await readUrl(context, KEY)), 404, 'not_found')
    },
  },
  {
    name: 'DELETE without a token, or with one for something else, removes nothing',
    async run(context) {
      await context.put(KEY, 'text')
      await refused(context, KEY, [403, 'token_required'], () => remove(context, below(context, `/${KEY}`)))
      const reading = await readUrl(context, KEY)
      await refused(context, KEY, [403, 'invalid_signature'], () => remove(context, reading))
      const other = await removeUrl(context, 'folder/b.txt')
      const swapped = other.replace('b.txt', 'a.txt')
      await refused(context, KEY, [403, 'invalid_signature'], () => remove(context, swapped))
    },
  },
  {
    name: 'DELETE of a public object needs a token',
    needs: ['metadata'],
    async run(context) {
      await context.put(KEY, 'text', { visibility: 'public' })
      await refused(context, KEY, [403, 'token_required'], () => remove(context, below(context, `/${KEY}`)))
    },
  },
  {
    name: 'a URL with ifMatch removes that version alone',
    needs: ['strongEtags'],
    async run(context) {
      const { stat } = await context.put(KEY, 'first')
      const url = await removeUrl(context, KEY, { ifMatch: stat.etag })
      await context.put(KEY, 'second')
      await refused(context, KEY, [412, 'precondition_failed'], () => remove(context, url))
      const { stat: current } = await context.put(KEY, 'third')
      assert.equal(
        (await remove(context, await removeUrl(context, KEY, { ifMatch: current.etag }))).status,
        204,
      )
    },
  },
  {
    name: 'DELETE whose conditions fail is 412 and removes nothing',
    async run(context) {
      const { stat } = await context.put(KEY, 'text')
      const url = await removeUrl(context, KEY)
      const modified = stat.lastModified.toUTCString()
      for (const headers of [
        { 'if-match': '"another"' },
        { 'if-match': `W/${stat.etag}` },
        { 'if-match': 'junk' },
        { 'if-none-match': '*' },
        { 'if-none-match': stat.etag },
        { 'if-none-match': 'junk' },
        { 'if-unmodified-since': secondsFrom(modified, -1) },
      ]) {
        await refused(context, KEY, [412, 'precondition_failed'], () => remove(context, url, headers))
      }
    },
  },
  {
    name: 'DELETE whose conditions hold removes',
    needs: ['strongEtags'],
    async run(context) {
      for (const fields of [
        (etag: string) => ({ 'if-match': etag }),
        (etag: string) => ({ 'if-match': `"a", ${etag}` }),
        () => ({ 'if-match': '*' }),
        () => ({ 'if-none-match': '"another"' }),
        (_: string, modified: string) => ({ 'if-unmodified-since': modified }),
      ]) {
        const { stat } = await context.put(KEY, 'text')
        const headers = fields(stat.etag, stat.lastModified.toUTCString())
        assert.equal((await remove(context, await removeUrl(context, KEY), headers)).status, 204)
        await assertAbsent(context, KEY)
      }
    },
  },
  {
    name: 'DELETE with a body is answered as any DELETE',
    async run(context) {
      await context.put(KEY, 'text')
      const url = await removeUrl(context, KEY)
      const reply = await request(context, url, {
        method: 'DELETE',
        body: '{}',
        headers: { 'content-type': 'application/json' },
      })
      assert.equal(reply.status, 204)
      await assertAbsent(context, KEY)
    },
  },
]
