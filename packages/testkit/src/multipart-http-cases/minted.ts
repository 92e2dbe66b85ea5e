import assert from 'node:assert/strict'
import type { Authorize, LatchkeyOptions } from '@latchkey/core'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import { below, put, request } from '../http-cases/exchange.js'
import { assertProblem, assertStored } from '../http-cases/expect.js'
import type { ClientReply } from '../http-client.js'
import { type Begun, complete, jsonOf, listed, partsCase, sendPart, uploadAll } from './wire.js'

const authorize: Authorize = (gateRequest, { operation }) => {
  const role = gateRequest.header('authorization')
  if (operation !== 'put' || role === undefined) return 'unauthorized'
  return role === 'Bearer suffix'
    ? { expiresIn: '1m', addRandomSuffix: true }
    : { expiresIn: '1m', maxSize: 100 }
}

const options: Partial<LatchkeyOptions> = { authorize, multipart: { ttl: '2h', partSize: '64kb' } }

function ask(context: HttpCaseContext, route: string, body: unknown, role = 'owner'): Promise<ClientReply> {
  return request(context, below(context, route), {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${role}` },
    body: JSON.stringify(body),
  })
}

async function mint(
  context: HttpCaseContext,
  body: unknown,
  role?: string,
): Promise<Begun & Record<string, unknown>> {
  const minted = jsonOf(await ask(context, '/signed-uploads', body, role), 200)
  const { key, url, uploadId } = minted
  assert.ok(typeof key === 'string' && typeof url === 'string' && typeof uploadId === 'string')
  return { ...minted, key, url, uploadId }
}

/** Uploads in parts whose URLs are minted over HTTP. */
export const mintedCases: readonly HttpCase[] = [
  partsCase(
    'an upload is begun, sent and completed with the one URL that was minted',
    async (context) => {
      const begun = await mint(context, { key: 'a.txt', contentType: 'text/plain', multipart: true })
      assert.equal(begun.partSize, 65_536)
      const end = Date.parse(String(begun.uploadExpiresAt))
      assert.ok(Math.abs(end - context.clock.now() - 7_200_000) <= 1000)
      const parts = await uploadAll(context, begun, ['some ', 'text'])
      jsonOf(await complete(context, begun, parts), 201)
      const { contentType } = await assertStored(context, 'a.txt', 'some text')
      assert.equal(contentType, 'text/plain')
    },
    { options },
  ),
  partsCase(
    'the minted URL is for its upload alone, and held to its limits',
    async (context) => {
      const begun = await mint(context, { key: 'a.txt', size: 10, multipart: true })
      assertProblem(await put(context, begun.url, 'whole'), 403, 'invalid_signature')
      assertProblem(await sendPart(context, begun, 1, '11 letters.'), 413, 'too_large')
      const other = await mint(context, { key: 'a.txt', multipart: true })
      assertProblem(await sendPart(context, { ...other, url: begun.url }, 1, 'x'), 403, 'invalid_signature')
    },
    { options },
  ),
  partsCase(
    'a URL that is over is minted anew for an upload that goes on',
    async (context) => {
      const begun = await mint(context, { key: 'a.txt', multipart: true })
      const parts = await uploadAll(context, begun, ['some ', 'text'])
      context.clock.advance(61_000)
      assertProblem(await complete(context, begun, parts), 403, 'expired')
      const fresh = await mint(context, { key: 'a.txt', uploadId: begun.uploadId })
      assert.equal(fresh.uploadId, begun.uploadId)
      assert.equal(fresh.uploadExpiresAt, begun.uploadExpiresAt)
      assert.deepEqual(await listed(context, fresh), [
        [1, 5],
        [2, 4],
      ])
      jsonOf(await complete(context, fresh, parts), 201)
      context.clock.advance(7_200_000)
      const late = await ask(context, '/signed-uploads', { key: 'a.txt', uploadId: begun.uploadId })
      assertProblem(late, 404, 'upload_not_found')
      const foreign = await ask(context, '/signed-uploads', { key: 'b.txt', uploadId: begun.uploadId })
      assertProblem(foreign, 404, 'upload_not_found')
    },
    { options },
  ),
  partsCase(
    'a suffix is added once, where the URL is minted',
    async (context) => {
      const begun = await mint(context, { key: 'a.txt', multipart: true }, 'suffix')
      assert.match(begun.key, /^a-[\w-]{22}\.txt$/)
      const reply = await complete(context, begun, await uploadAll(context, begun, ['text']))
      assert.equal(jsonOf(reply, 201).key, begun.key)
      await assertStored(context, begun.key, 'text')
    },
    { options },
  ),
  partsCase(
    'requests are signed one by one, in the shape of S3',
    async (context) => {
      const sign = async (wish: Record<string, unknown>): Promise<string> => {
        const { url } = jsonOf(await ask(context, '/signed-requests', { key: 'a.txt', ...wish }), 200)
        assert.ok(typeof url === 'string')
        return url
      }
      const started = await request(context, await sign({ method: 'POST' }), {
        method: 'POST',
        headers: { accept: 'application/json' },
      })
      const { uploadId } = jsonOf(started, 200)
      const partUrl = await sign({ method: 'PUT', uploadId, partNumber: 1 })
      const { status, headers } = await put(context, partUrl, 'text')
      assert.equal(status, 200)
      const elsewhere = partUrl.replace('partNumber=1', 'partNumber=2')
      assertProblem(await put(context, elsewhere, 'text'), 403, 'invalid_signature')
      const done = await request(context, await sign({ method: 'POST', uploadId }), {
        method: 'POST',
        body: JSON.stringify({ parts: [{ partNumber: 1, etag: headers.etag }] }),
      })
      assert.equal(done.status, 201, done.body.toString())
      await assertStored(context, 'a.txt', 'text')
    },
    { options },
  ),
]
