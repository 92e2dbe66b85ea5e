import assert from 'node:assert/strict'
import type { HttpCase } from '../http-case.js'
import { below, request } from '../http-cases/exchange.js'
import { assertProblem, assertSameReply } from '../http-cases/expect.js'
import { RawConnection } from '../http-cases/raw-connection.js'
import { as, MINTING, mint, mintedBy } from './mint.js'

const ROUTES = ['/a.txt/signed-url', '/signed-urls', '/signed-uploads', '/signed-requests'] as const

/** Who is refused, and how. */
export const refusalCases: readonly HttpCase[] = [
  {
    name: 'without a hook nobody mints, and no answer says that anybody could',
    options: { cors: { origins: '*' } },
    async run(context) {
      await context.put('a.txt', 'text')
      for (const route of ROUTES) {
        const reply = await mint(context, route, {}, as('owner'))
        assertProblem(reply, 405, 'method_not_allowed')
        assert.doesNotMatch(reply.headers.allow ?? '', /POST/)
        const preflight = await request(context, below(context, route), {
          method: 'OPTIONS',
          headers: { origin: 'https://a.example', 'access-control-request-method': 'POST' },
        })
        assert.doesNotMatch(preflight.headers.allow ?? '', /POST/)
        assert.doesNotMatch(preflight.headers['access-control-allow-methods'] ?? '', /POST/)
        assert.doesNotMatch(preflight.headers['access-control-allow-headers'] ?? '', /authorization/i)
      }
    },
  },
  {
    name: 'with a hook a preflight of a minting route allows POST and Authorization',
    options: { ...MINTING, cors: { origins: ['https://a.example'] } },
    async run(context) {
      for (const route of ROUTES) {
        const { headers } = await request(context, below(context, route), {
          method: 'OPTIONS',
          headers: { origin: 'https://a.example', 'access-control-request-method': 'POST' },
        })
        assert.match(headers.allow ?? '', /\bPOST\b/)
        assert.match(headers['access-control-allow-methods'] ?? '', /\bPOST\b/)
        assert.match(headers['access-control-allow-headers'] ?? '', /\bAuthorization\b/)
        assert.match(headers['access-control-allow-headers'] ?? '', /\bContent-Type\b/)
        assert.equal(headers['access-control-allow-origin'], 'https://a.example')
      }
    },
  },
  {
    name: 'whoever is not known gets 401, and is told how to present a key',
    options: MINTING,
    async run(context) {
      for (const [route, body] of [
        ['/a.txt/signed-url', {}],
        ['/signed-urls', { urls: [{ key: 'a.txt' }, { key: 'b.txt' }] }],
        ['/signed-uploads', { key: 'a.txt' }],
        ['/signed-requests', { method: 'PUT', key: 'a.txt' }],
      ] as const) {
        const reply = await mint(context, route, body)
        assertProblem(reply, 401, 'unauthorized')
        assert.equal(reply.headers['www-authenticate'], 'Bearer')
      }
    },
  },
  {
    name: 'whoever may not mint cannot tell whether the object exists',
    options: MINTING,
    async run(context) {
      await context.put('here.txt', 'text')
      for (const headers of [{}, as('stranger')]) {
        const there = await mint(context, '/here.txt/signed-url', {}, headers)
        const absent = await mint(context, '/absent.txt/signed-url', {}, headers)
        assertSameReply(there, absent)
      }
      assertProblem(await mint(context, '/absent.txt/signed-url', {}, as('reader')), 404, 'not_found')
    },
  },
  {
    name: 'a hook that fails is a 500 that tells nothing',
    options: MINTING,
    async run(context) {
      await context.put('a.txt', 'text')
      for (const role of ['broken', 'overdrawn'] as const) {
        for (const [route, body] of [
          ['/a.txt/signed-url', {}],
          ['/signed-urls', { urls: [{ key: 'a.txt' }] }],
          ['/signed-uploads', { key: 'b.txt' }],
        ] as const) {
          const reply = await mint(context, route, body, as(role))
          assertProblem(reply, 500, 'internal_error')
          assert.doesNotMatch(reply.body.toString(), /db\.internal|hook|30d/)
        }
      }
    },
  },
  {
    name: 'of two Authorization fields neither counts',
    options: MINTING,
    async run(context) {
      await context.put('a.txt', 'text')
      const twice = await RawConnection.open(context.origin)
      const fields = ['Authorization: Bearer reader', 'Authorization: Bearer owner', 'Connection: close']
      await twice.write(
        `POST ${below(context, '/a.txt/signed-url')} HTTP/1.1\r\nHost: x\r\n${fields.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`,
      )
      assertProblem(await twice.reply(), 403, 'forbidden')
      twice.destroy()
      mintedBy(await mint(context, '/a.txt/signed-url', {}, as('reader')))
    },
  },
  {
    name: 'a path that names no key mints nothing',
    options: MINTING,
    async run(context) {
      for (const path of ['/a%2Fb', '/a//b', '/%00', '/a%5Cb', `/${'k'.repeat(1025)}`]) {
        assertProblem(await mint(context, `${path}/signed-url`, {}, as('owner')), 400, 'invalid_key')
      }
      // A framework may refuse by itself what does not decode.
      for (const path of ['/%ff', '/%', '/%C0%AF']) {
        assert.equal((await mint(context, `${path}/signed-url`, {}, as('owner'))).status, 400)
      }
    },
  },
]
