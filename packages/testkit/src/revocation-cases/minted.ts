import assert from 'node:assert/strict'
import type { Authorize } from '@latchkey/core'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import { below, get, put, request } from '../http-cases/exchange.js'
import { assertAbsent, assertProblem, assertWhole, refused } from '../http-cases/expect.js'
import { complete, jsonOf, sendPart, upload } from '../multipart-http-cases/wire.js'
import { LATER, revocationCase } from './case-ledger.js'

const TEXT = 'some text'

/** Everybody may, under the name in the header. */
const authorize: Authorize = (gateRequest) => {
  const subject = gateRequest.header('x-user')
  return subject === undefined ? { revocable: true } : { subject, allowOverwrite: true }
}

function ask(context: HttpCaseContext, route: string, body: object, user?: string) {
  const headers = { 'content-type': 'application/json', ...(user !== undefined && { 'x-user': user }) }
  return request(context, below(context, route), { method: 'POST', headers, body: JSON.stringify(body) })
}

/** What is minted over HTTP. */
export const mintedCases: readonly HttpCase[] = [
  revocationCase(
    'what is minted over HTTP is revoked by its URL',
    async (context) => {
      await context.put('a.txt', TEXT)
      const { url } = jsonOf(await ask(context, '/a.txt/signed-url', {}), 200)
      assertWhole(await get(context, String(url)), TEXT)
      await context.files.revoke({ url: String(url) })
      assertProblem(await get(context, String(url)), 403, 'revoked')
    },
    { authorize },
  ),
  revocationCase(
    'a subject that authorize names is revoked in all that was minted for it',
    async (context) => {
      await context.put('a.txt', TEXT)
      const { urls } = jsonOf(await ask(context, '/signed-urls', { urls: [{ key: 'a.txt' }] }, 'eve'), 200)
      const { url: read } = (urls as readonly { readonly url: string }[])[0] ?? { url: '' }
      const { url: write } = jsonOf(await ask(context, '/signed-uploads', { key: 'a.txt' }, 'eve'), 200)
      assertWhole(await get(context, read), TEXT)
      await context.files.revoke({ subject: 'eve' })
      assertProblem(await get(context, read), 403, 'revoked')
      await refused(context, 'a.txt', [403, 'revoked'], () => put(context, String(write), 'other'))
    },
    { authorize },
  ),
  {
    ...revocationCase(
      'an upload in parts that was minted over HTTP stops, and nobody is given another URL for it',
      async (context) => {
        const minted = jsonOf(
          await ask(context, '/signed-uploads', { key: 'a.txt', multipart: true }, 'eve'),
          200,
        )
        const begun = { key: 'a.txt', url: String(minted.url), uploadId: String(minted.uploadId) }
        const part = await upload(context, begun, 1, 'one')
        await context.files.revoke({ url: begun.url })
        assertProblem(await sendPart(context, begun, 2, 'x'), 403, 'revoked')
        assertProblem(await complete(context, begun, [part]), 403, 'revoked')
        context.clock.advance(LATER)
        for (const [route, body] of [
          ['/signed-uploads', { key: 'a.txt', uploadId: begun.uploadId, multipart: true }],
          ['/signed-requests', { method: 'POST', key: 'a.txt', uploadId: begun.uploadId }],
        ] as const) {
          assertProblem(await ask(context, route, body, 'eve'), 403, 'revoked')
        }
        await assertAbsent(context, 'a.txt')
        assert.equal((await ask(context, '/signed-uploads', { key: 'a.txt' }, 'eve')).status, 200)
      },
      { authorize },
    ),
    needs: ['multipart', 'conditionalWrites'],
  },
]
