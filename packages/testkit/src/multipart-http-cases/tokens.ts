import assert from 'node:assert/strict'
import { narrow } from '@latchkey/core/token'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import {
  get,
  put,
  readUrl,
  remove,
  removeUrl,
  request,
  targetOf,
  tokenOf,
  uploadUrl,
} from '../http-cases/exchange.js'
import { assertAbsent, assertProblem, assertStored, assertWhole } from '../http-cases/expect.js'
import {
  abort,
  askToBegin,
  type Begun,
  begin,
  complete,
  jsonOf,
  list,
  listed,
  partsCase,
  sendPart,
  uploadAll,
} from './wire.js'

/** The URL narrowed to an upload, or to one of its parts. */
async function pinned(
  context: HttpCaseContext,
  begun: Begun,
  storageId: string,
  partNumber?: number,
): Promise<Begun> {
  const pin = { uploadId: storageId, ...(partNumber !== undefined && { partNumber }) }
  return { ...begun, url: (await narrow(begun.url, { pin, now: context.clock.now })).url }
}

/** The storage's own id, which stands in the id on the wire. */
function storageIdOf({ uploadId }: Begun): string {
  const field = /[.~]t([\w-]+)/.exec(uploadId)
  return Buffer.from(field?.[1] ?? '', 'base64url').toString()
}

/** Every request about an upload is refused with this code. */
async function assertShut(
  context: HttpCaseContext,
  begun: Begun,
  status: number,
  code: 'invalid_signature' | 'upload_not_found' | 'expired' | 'token_required',
): Promise<void> {
  const parts = [{ partNumber: 1, etag: '"x"' }]
  assertProblem(await sendPart(context, begun, 1, 'x'), status, code)
  assertProblem(await complete(context, begun, parts), status, code)
  assertProblem(await abort(context, begun), status, code)
  assertProblem(await list(context, begun), status, code)
}

/** Who may do what with an upload: its id opens nothing without a token, and a token nothing without its id. */
export const tokenCases: readonly HttpCase[] = [
  partsCase('a token that is pinned to an upload is good for that upload', async (context) => {
    const begun = await begin(context, 'a.txt')
    const mine = await pinned(context, begun, storageIdOf(begun))
    const parts = await uploadAll(context, mine, ['some ', 'text'])
    assert.deepEqual(await listed(context, mine), [
      [1, 5],
      [2, 4],
    ])
    jsonOf(await complete(context, mine, parts), 201)
    await assertStored(context, 'a.txt', 'some text')
  }),
  partsCase(
    'a pinned token neither begins an upload nor stores, reads or removes an object',
    async (context) => {
      const begun = await begin(context, 'a.txt', { allowOverwrite: true })
      const { url } = await pinned(context, begun, storageIdOf(begun))
      assertProblem(await askToBegin(context, url), 403, 'invalid_signature')
      assertProblem(await put(context, url, 'whole'), 403, 'invalid_signature')
      assertProblem(await put(context, `${url}&partNumber=1`, 'whole'), 400, 'bad_request')
      await assertAbsent(context, 'a.txt')
      await context.put('a.txt', 'text')
      const pin = { uploadId: storageIdOf(begun) }
      const both = await removeUrl(context, 'a.txt', { operations: ['get', 'head', 'delete'] })
      const { url: other } = await narrow(both, { pin, now: context.clock.now })
      for (const method of ['GET', 'HEAD', 'DELETE']) {
        assert.equal((await request(context, other, { method })).status, 403, method)
      }
      await assertStored(context, 'a.txt', 'text')
    },
  ),
  partsCase('a token that is pinned to another upload is refused', async (context) => {
    const begun = await begin(context, 'a.txt')
    const other = await begin(context, 'a.txt')
    await assertShut(context, await pinned(context, begun, storageIdOf(other)), 403, 'invalid_signature')
    await assertShut(context, await pinned(context, begun, 'made-up'), 403, 'invalid_signature')
    const mine = await pinned(context, begun, storageIdOf(begun))
    await assert.rejects(pinned(context, mine, storageIdOf(other)))
  }),
  partsCase('a token that is pinned to a part stores that part and does nothing else', async (context) => {
    const begun = await begin(context, 'a.txt')
    const [, two] = await uploadAll(context, begun, ['one', 'two'])
    const part = await pinned(context, begun, storageIdOf(begun), 1)
    assert.equal((await sendPart(context, part, 1, 'other')).status, 200)
    assertProblem(await sendPart(context, part, 2, 'x'), 403, 'invalid_signature')
    assertProblem(await list(context, part), 403, 'invalid_signature')
    assertProblem(await complete(context, part, [two]), 403, 'invalid_signature')
    assertProblem(await abort(context, part), 403, 'invalid_signature')
    assert.deepEqual(await listed(context, begun), [
      [1, 5],
      [2, 3],
    ])
  }),
  partsCase('the id of an upload is not a token', async (context) => {
    await context.put('taken.txt', 'text')
    const begun = await begin(context, 'taken.txt', { allowOverwrite: true })
    const bare = targetOf(begun.url).split('?')[0] ?? ''
    const url = `${bare}?token=${begun.uploadId}`
    assertProblem(await put(context, url, 'whole'), 403, 'invalid_signature')
    assertProblem(await get(context, url), 403, 'invalid_signature')
    await assertShut(context, { ...begun, url }, 403, 'invalid_signature')
    await assertStored(context, 'taken.txt', 'text')
    const without = { ...begun, url: `${bare}?x=1` }
    assertProblem(await sendPart(context, without, 1, 'x'), 403, 'token_required')
    assertProblem(await complete(context, without, []), 403, 'token_required')
  }),
  partsCase('a token is not the id of an upload, and neither is anything forged', async (context) => {
    const begun = await begin(context, 'a.txt')
    const { uploadId } = begun
    for (const forged of [
      tokenOf(begun.url),
      `${uploadId}A`,
      uploadId.slice(0, -1),
      storageIdOf(begun),
      '',
      'x',
    ]) {
      await assertShut(context, { ...begun, uploadId: forged }, 404, 'upload_not_found')
    }
    const twice = await sendPart(context, { ...begun, uploadId: `${uploadId}&uploadId=${uploadId}` }, 1, 'x')
    assertProblem(twice, 400, 'bad_request')
    assert.deepEqual(await listed(context, begun), [])
  }),
  partsCase(
    'the id of another key, another mount or an upload that has ended is 404',
    async (context) => {
      const begun = await begin(context, 'a.txt')
      const elsewhere = await begin(context, 'b.txt')
      await assertShut(context, { ...begun, uploadId: elsewhere.uploadId }, 404, 'upload_not_found')
      const mount = await context.serve({ audience: 'another mount' })
      const foreign = await begin(mount, 'a.txt')
      await assertShut(context, { ...begun, uploadId: foreign.uploadId }, 404, 'upload_not_found')
      await uploadAll(context, begun, ['some text'])
      context.clock.advance(60 * 60_000)
      const url = await uploadUrl(context, 'a.txt')
      await assertShut(context, { ...begun, url }, 404, 'upload_not_found')
      await assertAbsent(context, 'a.txt')
    },
    { options: { multipart: { ttl: '1h' } } },
  ),
  partsCase('a token that is over shuts an upload, and a new one opens it again', async (context) => {
    const url = await uploadUrl(context, 'a.txt', { expiresIn: 60 })
    const { uploadId } = jsonOf(await askToBegin(context, url), 200)
    const begun = { key: 'a.txt', url, uploadId: String(uploadId) }
    const parts = await uploadAll(context, begun, ['some text'])
    context.clock.advance(60_000)
    await assertShut(context, begun, 403, 'expired')
    const fresh = { ...begun, url: await uploadUrl(context, 'a.txt', { expiresIn: 60 }) }
    jsonOf(await complete(context, fresh, parts), 201)
  }),
  partsCase('a token that does not upload does nothing to an upload', async (context) => {
    await context.put('a.txt', 'text')
    const begun = await begin(context, 'a.txt', { allowOverwrite: true })
    await uploadAll(context, begun, ['part'])
    const url = await removeUrl(context, 'a.txt', { operations: ['get', 'head', 'delete'] })
    assertProblem(await abort(context, { ...begun, url }), 403, 'invalid_signature')
    assertProblem(await complete(context, { ...begun, url }, []), 403, 'invalid_signature')
    assertProblem(await sendPart(context, { ...begun, url }, 1, 'x'), 403, 'invalid_signature')
    assertProblem(await askToBegin(context, url), 403, 'invalid_signature')
    assert.deepEqual(await listed(context, begun), [[1, 4]])
    await assertStored(context, 'a.txt', 'text')
  }),
  partsCase('to a token that reads, an uploadId beside it means nothing', async (context) => {
    await context.put('a.txt', 'text')
    const url = await readUrl(context, 'a.txt')
    const begun = await begin(context, 'a.txt', { allowOverwrite: true })
    for (const noise of [`uploadId=${begun.uploadId}`, 'uploadId=x&uploadId=y', 'uploads', 'partNumber=0']) {
      assertWhole(await get(context, `${url}&${noise}`), 'text')
    }
    assertProblem(
      await get(context, await readUrl(context, 'absent').then((to) => `${to}&uploadId=x`)),
      404,
      'not_found',
    )
    assert.equal((await remove(context, await removeUrl(context, 'a.txt'))).status, 204)
  }),
]
