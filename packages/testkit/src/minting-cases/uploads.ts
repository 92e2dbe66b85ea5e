import assert from 'node:assert/strict'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import { get, put, remove } from '../http-cases/exchange.js'
import { assertAbsent, assertProblem, assertStored, assertWhole } from '../http-cases/expect.js'
import { as, MINTING, type Minted, mint, mintedBy, type Role } from './mint.js'

/** Only a storage that checks conditions can be uploaded to without leave to overwrite. */
const needs = ['conditionalWrites'] as const

async function uploadAs(context: HttpCaseContext, role: Role, wish: unknown): Promise<Minted> {
  return mintedBy(await mint(context, '/signed-uploads', wish, as(role)))
}

/** `POST /signed-uploads` and `POST /signed-requests`. */
export const uploadCases: readonly HttpCase[] = [
  {
    name: 'a minted upload takes what was announced, once',
    needs,
    options: MINTING,
    async run(context) {
      const wish = { key: 'a.txt', contentType: 'text/plain', size: 4 }
      const { key, url, method, headers } = await uploadAs(context, 'owner', wish)
      assert.deepEqual(
        { key, method, headers },
        { key: 'a.txt', method: 'PUT', headers: { 'content-type': 'text/plain' } },
      )
      assertProblem(await put(context, url, 'text', { 'content-type': 'text/html' }), 415, 'type_not_allowed')
      assertProblem(await put(context, url, 'texts', headers), 413, 'too_large')
      await assertAbsent(context, 'a.txt')
      assert.equal((await put(context, url, 'text', headers)).status, 201)
      await assertStored(context, 'a.txt', 'text')
      assertProblem(await put(context, url, 'more', headers), 409, 'exists')
    },
  },
  {
    name: 'what could not be uploaded is not minted',
    needs,
    options: MINTING,
    async run(context) {
      const large = { key: 'a.txt', size: 1025 }
      assertProblem(await mint(context, '/signed-uploads', large, as('owner')), 413, 'too_large')
      const script = { key: 'a.html', contentType: 'text/html' }
      assertProblem(
        await mint(context, '/signed-uploads', script, as('photographer')),
        415,
        'type_not_allowed',
      )
    },
  },
  {
    name: 'the app chooses the key, the answer names it with its suffix, and the URL is for no other',
    needs,
    options: MINTING,
    async run(context) {
      const { key = '', url, headers } = await uploadAs(context, 'photographer', { contentType: 'image/png' })
      assert.match(key, /^photos\/unnamed-[\w-]{22}\.png$/)
      assertProblem(
        await put(context, url.replace(key, 'photos/unnamed.png'), 'x', headers),
        403,
        'invalid_signature',
      )
      const reply = await put(context, url, 'x', headers)
      assert.equal(JSON.parse(reply.body.toString()).key, key)
      await assertStored(context, key, 'x')
    },
  },
  {
    name: 'requests in the shape of S3 upload, read and remove',
    needs,
    options: MINTING,
    async run(context) {
      const sign = async (method: string): Promise<Minted> =>
        mintedBy(
          await mint(context, '/signed-requests', { method, key: 'a.txt', expiresIn: 60 }, as('owner')),
        )
      const upload = await sign('PUT')
      assert.equal((await put(context, upload.url, 'text')).status, 201)
      assertWhole(await get(context, (await sign('GET')).url), 'text')
      assert.equal((await remove(context, (await sign('DELETE')).url)).status, 204)
      await assertAbsent(context, 'a.txt')
      context.clock.advance(60_000)
      assertProblem(await put(context, upload.url, 'text'), 403, 'expired')
    },
  },
]
