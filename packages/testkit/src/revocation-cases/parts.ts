import assert from 'node:assert/strict'
import { narrow, presignUrl } from '@latchkey/core/token'
import { CASE_KEY, type HttpCase, type HttpCaseContext } from '../http-case.js'
import { uploadUrl } from '../http-cases/exchange.js'
import { assertAbsent, assertProblem, assertStored } from '../http-cases/expect.js'
import {
  abort,
  askToBegin,
  type Begun,
  begin,
  complete,
  jsonOf,
  list,
  listed,
  sendPart,
  upload,
} from '../multipart-http-cases/wire.js'
import { LATER, revocationCase } from './case-ledger.js'

const revocable = true
const OTHER_KEY = { id: 'k2', secret: 'another secret of more than 32 bytes' }

/** Everything about an upload in parts is refused, whatever good token it comes with. */
async function assertStopped(context: HttpCaseContext, begun: Begun, part: { etag: string }): Promise<void> {
  assertProblem(await sendPart(context, begun, 2, 'x'), 403, 'revoked')
  assertProblem(await list(context, begun), 403, 'revoked')
  assertProblem(await complete(context, begun, [{ partNumber: 1, ...part }]), 403, 'revoked')
  assertProblem(await abort(context, begun), 403, 'revoked')
  await assertAbsent(context, begun.key)
}

/** The same upload, with a good token of somebody else’s. */
async function withAnotherToken(context: HttpCaseContext, begun: Begun): Promise<Begun> {
  return { ...begun, url: await uploadUrl(context, begun.key, { subject: 'bob' }) }
}

function partsCase(name: string, run: Parameters<typeof revocationCase>[1]): HttpCase {
  return { ...revocationCase(name, run), needs: ['multipart', 'conditionalWrites'] }
}

/** Uploads in parts are revoked with the token that began them. */
export const partCases: readonly HttpCase[] = [
  partsCase('a revoked token begins no upload in parts', async (context) => {
    const url = await uploadUrl(context, 'a.txt', { revocable })
    await context.files.revoke({ url })
    assertProblem(await askToBegin(context, url), 403, 'revoked')
  }),
  partsCase(
    'an upload stops where the token that began it is revoked, whoever goes on with it',
    async (context) => {
      const begun = await begin(context, 'a.txt', { revocable })
      const part = await upload(context, begun, 1, 'one')
      await context.files.revoke({ url: begun.url })
      await assertStopped(context, begun, part)
      await assertStopped(context, await withAnotherToken(context, begun), part)
      const sound = await begin(context, 'a.txt', { revocable })
      jsonOf(await complete(context, sound, [await upload(context, sound, 1, 'one')]), 201)
      await assertStored(context, 'a.txt', 'one')
    },
  ),
  partsCase('it stops where the subject or the prefix is revoked', async (context) => {
    for (const what of [{ subject: 'eve' }, { keyPrefix: 'u/' }] as const) {
      const begun = await begin(context, 'u/a.txt', { subject: 'eve' })
      const part = await upload(context, begun, 1, 'one')
      context.clock.advance(60_000)
      await context.files.revoke(what)
      context.clock.advance(LATER)
      await assertStopped(context, begun, part)
      await assertStopped(context, await withAnotherToken(context, begun), part)
    }
  }),
  partsCase('it was begun when its token was issued, not later', async (context) => {
    const url = await uploadUrl(context, 'a.txt', { subject: 'eve' })
    await context.files.revoke({ subject: 'bob' })
    context.clock.advance(60_000)
    const { uploadId } = jsonOf(await askToBegin(context, url), 200)
    const begun = { key: 'a.txt', url, uploadId: String(uploadId) }
    const [, issued] = /~g(\d+)~/.exec(begun.uploadId) ?? []
    assert.equal(Number(issued), Math.floor(context.clock.now() / 1000) - 60)
  }),
  partsCase('it stops where what its token was narrowed from is revoked', async (context) => {
    const delegation = await context.files.issueSignedToken({ prefix: '', operations: ['put'], revocable })
    const { now } = context.clock
    const presigned = await presignUrl(delegation, { operation: 'put', key: 'a.txt', revocable, now })
    const narrowed = await narrow(presigned.url, { revocable, now })
    for (const id of [narrowed.id, presigned.id, delegation.id]) {
      const other = await presignUrl(delegation, { operation: 'put', key: 'a.txt', revocable, now })
      const fresh = id === delegation.id ? other.url : presigned.url
      const { url, id: own } = await narrow(fresh, { revocable, now })
      const { uploadId } = jsonOf(await askToBegin(context, url), 200)
      const begun = { key: 'a.txt', url, uploadId: String(uploadId) }
      const part = await upload(context, begun, 1, 'one')
      assert.ok(id !== undefined && own !== undefined)
      await context.files.revoke({ id: id === narrowed.id ? own : id })
      await assertStopped(context, begun, part)
      await assertStopped(context, await withAnotherToken(context, begun), part)
    }
  }),
  partsCase(
    'it stops where the signing key of the token that began it is revoked',
    async (context, ledger) => {
      const rotated = await context.serve({ ledger, keys: [OTHER_KEY, CASE_KEY] })
      for (const addRandomSuffix of [false, true]) {
        ledger.revocations.clear()
        const url = await uploadUrl(context, 'a.txt', { revocable, addRandomSuffix })
        const answer = jsonOf(await askToBegin(rotated, url), 200)
        const begun = { key: String(answer.key), url, uploadId: String(answer.uploadId) }
        if (addRandomSuffix) begun.url = String(answer.url)
        const part = await upload(rotated, begun, 1, 'one')
        await rotated.files.revoke({ signingKey: CASE_KEY.id })
        await assertStopped(rotated, begun, part)
        await assertStopped(rotated, await withAnotherToken(rotated, begun), part)
      }
    },
  ),
  partsCase('with a random suffix it is revoked with its origin, and so is its URL', async (context) => {
    const delegation = await context.files.issueSignedToken({
      prefix: '',
      operations: ['put'],
      addRandomSuffix: true,
      revocable,
    })
    const { now } = context.clock
    const { url, id } = await presignUrl(delegation, { operation: 'put', key: 'a.txt', revocable, now })
    const answer = jsonOf(await askToBegin(context, url), 200)
    const begun = { key: String(answer.key), url: String(answer.url), uploadId: String(answer.uploadId) }
    const part = await upload(context, begun, 1, 'one')
    assert.ok(id !== undefined && begun.key !== 'a.txt')
    for (const own of id.split('.')) assert.ok(begun.url.includes(`i${own}~`))
    await context.files.revoke({ id })
    await assertStopped(context, begun, part)
    await assertStopped(context, await withAnotherToken(context, begun), part)
  }),
  partsCase('it is revoked for as long as it may take, though its token is over', async (context, ledger) => {
    const begun = await begin(context, 'a.txt', { revocable, expiresIn: 60 })
    const part = await upload(context, begun, 1, 'one')
    context.clock.advance(120_000)
    await context.files.revoke({ url: begun.url })
    await assertStopped(context, await withAnotherToken(context, begun), part)
    const [revocation] = ledger.revocations.values()
    assert.ok((revocation?.expiresAt ?? 0) * 1000 >= context.clock.now() - 120_000 + 86_400_000)
  }),
  partsCase('where the ledger fails nobody goes on with it', async (context, ledger) => {
    const begun = await begin(context, 'a.txt', { revocable })
    const part = await upload(context, begun, 1, 'one')
    const stateless = { ...begun, url: await uploadUrl(context, 'a.txt') }
    ledger.onIsRevoked = async () => {
      throw new Error('down')
    }
    for (const each of [begun, stateless]) {
      assertProblem(await sendPart(context, each, 2, 'x'), 503, 'ledger_unavailable')
      assertProblem(await complete(context, each, [part]), 503, 'ledger_unavailable')
    }
    await assertAbsent(context, 'a.txt')
    ledger.onIsRevoked = async () => {}
    assert.deepEqual(await listed(context, begun), [[1, 3]])
    jsonOf(await complete(context, begun, [part]), 201)
  }),
]
