import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { HttpCase } from '../http-case.js'
import { below, get, head, put, readUrl, request } from './exchange.js'
import { assertHeadOf, assertNotStored, assertProblem, refusedSomehow, variesBy } from './expect.js'

const NAVIGATION = { 'sec-fetch-mode': 'navigate', accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

/** The form of refusals: problem details for programs, a page for people. */
export const refusalCases: readonly HttpCase[] = [
  {
    name: 'a refusal is problem details with a title, its status, a detail and a code, and no more',
    async run(context) {
      const reply = await get(context, below(context, '/a.txt'))
      assertProblem(reply, 403, 'token_required')
      assert.deepEqual(JSON.parse(reply.body.toString()), {
        title: 'Forbidden',
        status: 403,
        detail: 'Signed token required for private file',
        code: 'token_required',
      })
    },
  },
  {
    name: 'a refusal says that it varies by what the client accepts',
    async run(context) {
      const reply = await get(context, below(context, '/a.txt'))
      for (const name of ['accept', 'sec-fetch-mode']) {
        assert.ok(variesBy(name, reply), `Vary: ${reply.headers.vary}`)
      }
    },
  },
  {
    name: 'a refusal repeats nothing of the request',
    async run(context) {
      const path = '/leaky-%3Cscript%3Ealert(1)%3C%2fscript%3E.txt?token=leaky-token&leaky=1'
      for (const headers of [{}, NAVIGATION]) {
        const reply = await get(context, below(context, path), { ...headers, 'x-leaky': 'leaky' })
        assert.ok(reply.status >= 400)
        assert.ok(
          !/leaky|script>/.test(reply.body.toString() + JSON.stringify(reply.headers)),
          reply.body.toString(),
        )
      }
    },
  },
  ...(
    [
      ['403', '/a.txt', 403],
      ['404', '/absent.txt', 404],
      ['400', '/a//b', 400],
    ] as const
  ).map(
    ([name, path, status]): HttpCase => ({
      name: `a person who navigates gets a page for a ${name}`,
      async run(context) {
        const url = status === 404 ? await readUrl(context, 'absent.txt') : below(context, path)
        const reply = await get(context, url, NAVIGATION)
        assert.equal(reply.status, status)
        assert.equal(reply.headers['content-type'], 'text/html; charset=utf-8')
        assertNotStored(reply)
        assert.ok(reply.body.toString().startsWith('<!doctype html>'))
        assertHeadOf(await head(context, url, NAVIGATION), reply)
      },
    }),
  ),
  {
    name: 'a browser that says Accept: text/html and sends no fetch metadata gets a page',
    async run(context) {
      const reply = await get(context, below(context, '/a.txt'), { accept: 'text/html' })
      assert.deepEqual([reply.status, reply.headers['content-type']], [403, 'text/html; charset=utf-8'])
    },
  },
  {
    name: 'a script or an image that fetches gets no page, whatever it accepts',
    async run(context) {
      for (const mode of ['cors', 'no-cors', 'same-origin']) {
        const headers = { 'sec-fetch-mode': mode, accept: 'text/html' }
        assertProblem(await get(context, below(context, '/a.txt'), headers), 403, 'token_required')
      }
    },
  },
  {
    name: 'the page may run nothing, load nothing and be framed by nobody',
    async run(context) {
      const reply = await get(context, below(context, '/a.txt'), NAVIGATION)
      const policy = reply.headers['content-security-policy'] ?? ''
      const style = /<style>(.*?)<\/style>/s.exec(reply.body.toString())?.[1] ?? ''
      const hash = createHash('sha256').update(style).digest('base64')
      assert.ok(policy.startsWith("default-src 'none'"), policy)
      assert.ok(policy.includes(`style-src 'sha256-${hash}'`), `${policy}, not ${hash}`)
      assert.ok(policy.includes("frame-ancestors 'none'"), policy)
      assert.ok(!/<script|<form|<input|<a |<img|<link|\son\w+=|https?:/i.test(reply.body.toString()))
      assert.equal(reply.headers['x-content-type-options'], 'nosniff')
      assert.equal(reply.headers['referrer-policy'], 'no-referrer')
    },
  },
  {
    name: 'a problem opened as a document may run nothing',
    async run(context) {
      const { headers } = await get(context, below(context, '/a.txt'))
      assert.ok(headers['content-security-policy']?.includes("default-src 'none'"))
      assert.equal(headers['referrer-policy'], 'no-referrer')
    },
  },
  ...['POST', 'PATCH'].map(
    (method): HttpCase => ({
      name: `${method} is refused with 405 and the methods that are handled`,
      async run(context) {
        await context.put('a.txt', 'text')
        const url = await readUrl(context, 'a.txt', { operations: ['get', 'head', 'delete'] })
        for (const target of [url, below(context, '/a.txt')]) {
          const reply = await refusedSomehow(context, 'a.txt', [405], () =>
            request(context, target, {
              method,
              body: 'text',
              headers: { 'content-type': 'application/json' },
            }),
          )
          assertProblem(reply, 405, 'method_not_allowed')
          assert.deepEqual(reply.headers.allow?.split(', ').sort(), [
            'DELETE',
            'GET',
            'HEAD',
            'OPTIONS',
            'PUT',
          ])
        }
      },
    }),
  ),
  {
    name: 'OPTIONS lists the methods and touches nothing',
    async run(context) {
      await context.put('a.txt', 'text')
      for (const path of ['/a.txt', '/absent.txt']) {
        const reply = await request(context, below(context, path), { method: 'OPTIONS' })
        assert.equal(reply.status, 204)
        assert.deepEqual(reply.headers.allow?.split(', ').sort(), ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PUT'])
        assert.equal(reply.body.byteLength, 0)
      }
    },
  },
  {
    name: 'an upload that is refused is told so in the form of a problem, too',
    async run(context) {
      assertProblem(await put(context, below(context, '/a.txt'), 'text'), 403, 'token_required')
    },
  },
]
