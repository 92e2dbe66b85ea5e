import assert from 'node:assert/strict'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import type { ClientReply } from '../http-client.js'
import { below, get, put, readUrl, request, uploadUrl } from './exchange.js'
import { assertProblem, assertWhole, variesBy } from './expect.js'

const APP = 'https://app.example'
const SOME = { cors: { origins: [APP, 'https://other.example'] } } as const
const EVERY = { cors: { origins: '*', maxAge: 60 } } as const

function preflight(context: HttpCaseContext, origin: string): Promise<ClientReply> {
  return request(context, below(context, '/a.txt'), {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'content-type',
    },
  })
}

function corsFields(reply: ClientReply): string[] {
  return Object.keys(reply.headers).filter((name) => name.startsWith('access-control-'))
}

/** Cross-origin access (Fetch standard). */
export const corsCases: readonly HttpCase[] = [
  {
    name: 'without cors no CORS header is ever sent',
    async run(context) {
      await context.put('a.txt', 'text')
      assert.deepEqual(corsFields(await preflight(context, APP)), [])
      assert.deepEqual(corsFields(await get(context, await readUrl(context, 'a.txt'), { origin: APP })), [])
      assert.deepEqual(corsFields(await get(context, below(context, '/a.txt'), { origin: APP })), [])
    },
  },
  {
    name: 'a preflight of an origin on the list is let through',
    options: SOME,
    async run(context) {
      const reply = await preflight(context, APP)
      assert.equal(reply.status, 204)
      assert.equal(reply.headers['access-control-allow-origin'], APP)
      for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
        assert.ok(reply.headers['access-control-allow-methods']?.includes(method))
      }
      for (const name of ['content-type', 'range', 'if-match', 'if-none-match', 'content-digest']) {
        assert.ok(reply.headers['access-control-allow-headers']?.toLowerCase().includes(name), name)
      }
      assert.equal(reply.headers['access-control-max-age'], '600')
      assert.equal(reply.headers['access-control-allow-credentials'], undefined)
      assert.ok(variesBy('origin', reply))
    },
  },
  {
    name: 'a preflight of another origin gets no CORS header, and says that it varies',
    options: SOME,
    async run(context) {
      for (const origin of [
        'https://evil.example',
        'https://app.example.evil',
        'http://app.example',
        'null',
      ]) {
        const reply = await preflight(context, origin)
        assert.deepEqual(corsFields(reply), [])
        assert.ok(variesBy('origin', reply))
      }
    },
  },
  {
    name: 'replies to an origin on the list carry the CORS headers, refusals included',
    options: SOME,
    async run(context) {
      await context.put('a.txt', 'text')
      const good = await get(context, await readUrl(context, 'a.txt'), { origin: APP })
      assertWhole(good, 'text')
      const bad = await get(context, below(context, '/a.txt'), { origin: APP })
      assertProblem(bad, 403, 'token_required')
      const created = await put(context, await uploadUrl(context, 'new.txt'), 'text', { origin: APP })
      assert.equal(created.status, 201)
      for (const reply of [good, bad, created]) {
        assert.equal(reply.headers['access-control-allow-origin'], APP)
        const exposed = reply.headers['access-control-expose-headers']?.toLowerCase() ?? ''
        for (const name of ['etag', 'content-range', 'content-disposition', 'location']) {
          assert.ok(exposed.includes(name), name)
        }
        assert.ok(variesBy('origin', reply))
      }
      assert.match(bad.headers.vary ?? '', /accept/i)
    },
  },
  {
    name: 'replies vary by origin also where there is none or another one',
    options: SOME,
    async run(context) {
      await context.put('a.txt', 'text')
      const url = await readUrl(context, 'a.txt')
      for (const headers of [{}, { origin: 'https://evil.example' }]) {
        const reply = await get(context, url, headers)
        assertWhole(reply, 'text')
        assert.deepEqual(corsFields(reply), [])
        assert.ok(variesBy('origin', reply))
      }
    },
  },
  {
    name: 'with * every origin is let in, and no reply varies by it',
    options: EVERY,
    async run(context) {
      await context.put('a.txt', 'text')
      const reply = await get(context, await readUrl(context, 'a.txt'), { origin: 'https://any.example' })
      assert.equal(reply.headers['access-control-allow-origin'], '*')
      assert.ok(!variesBy('origin', reply))
      const options = await preflight(context, 'https://any.example')
      assert.equal(options.headers['access-control-allow-origin'], '*')
      assert.equal(options.headers['access-control-max-age'], '60')
    },
  },
]
