import assert from 'node:assert/strict'
import type { HttpCase } from '../http-case.js'
import { below, chunksOf, request } from '../http-cases/exchange.js'
import { assertProblem, assertWhole } from '../http-cases/expect.js'
import { RawConnection } from '../http-cases/raw-connection.js'
import { as, MINTING, mint, mintedBy } from './mint.js'

/** What is read of a request to mint. */
export const bodyCases: readonly HttpCase[] = [
  {
    name: 'what is malformed is 400, whoever sends it',
    options: MINTING,
    async run(context) {
      for (const body of [
        '{',
        '[]',
        'null',
        '{"__proto__":{"operation":"delete"}}',
        '{"expires_in":1e400}',
        '{"expires_in":null}',
        '{"expires_in":60,"expires_in":6000}',
        '{"download":"\\ud800"}',
        `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
        '{"operation":"put"}',
      ]) {
        assertProblem(await mint(context, '/a.txt/signed-url', body), 400, 'bad_request')
      }
    },
  },
  {
    name: 'a form of another site is 415',
    options: MINTING,
    async run(context) {
      await context.put('a.txt', 'text')
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=b',
      ]) {
        const fields = { ...as('owner'), 'content-type': type }
        assertProblem(await mint(context, '/a.txt/signed-url', '{}', fields), 415, 'unsupported_media_type')
        assertProblem(
          await mint(context, '/signed-uploads', '{"key":"b"}', fields),
          415,
          'unsupported_media_type',
        )
      }
    },
  },
  {
    name: 'a body may come in chunks',
    options: MINTING,
    async run(context) {
      await context.put('a.txt', 'text')
      const reply = await request(context, below(context, '/signed-urls'), {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...as('reader') },
        body: chunksOf(Buffer.from('{"urls":[{"key":"a.txt"}]}'), 5),
      })
      assert.equal(reply.status, 200, reply.body.toString())
    },
  },
  {
    name: 'a body that never ends is refused where it passes the limit, and the refusal arrives',
    options: MINTING,
    async run(context) {
      for (const [route, limit] of [
        ['/a.txt/signed-url', 65_536],
        ['/signed-urls', 1_048_576],
      ] as const) {
        const reply = await request(context, below(context, route), {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...as('reader') },
          body: chunksOf(Buffer.alloc(limit + 4 * 1024 * 1024, ' '), 1024 * 1024),
        })
        assertProblem(reply, 400, 'bad_request')
        assert.ok(reply.complete)
      }
    },
  },
  {
    name: 'an unread body is never taken for the next request',
    options: MINTING,
    async run(context) {
      const connection = await RawConnection.open(context.origin)
      const smuggled = `GET ${below(context, '/smuggled')} HTTP/1.1\r\nHost: x\r\n\r\n`
      const fields = ['Content-Type: text/plain', `Content-Length: ${smuggled.length}`]
      await connection.write(
        `POST ${below(context, '/signed-uploads')} HTTP/1.1\r\nHost: x\r\n${fields.join('\r\n')}\r\n\r\n${smuggled}`,
      )
      const reply = await connection.reply()
      assertProblem(reply, 415, 'unsupported_media_type')
      assert.equal(reply.headers.connection, 'close')
      connection.destroy()
    },
  },
  {
    name: 'a connection is kept after a body that was read',
    options: MINTING,
    async run(context) {
      await context.put('a.txt', 'text')
      const connection = await RawConnection.open(context.origin)
      const fields = [
        'Content-Type: application/json',
        'Content-Length: 17',
        'Authorization: Bearer stranger',
      ]
      for (let turn = 0; turn < 2; turn++) {
        await connection.write(
          `POST ${below(context, '/a.txt/signed-url')} HTTP/1.1\r\nHost: x\r\n${fields.join('\r\n')}\r\n\r\n{"expires_in": 5}`,
        )
        assertProblem(await connection.reply(), 403, 'forbidden')
      }
      connection.destroy()
      const { url } = mintedBy(await mint(context, '/a.txt/signed-url', {}, as('reader')))
      assertWhole(await request(context, url), 'text')
    },
  },
]
