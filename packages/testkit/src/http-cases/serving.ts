import assert from 'node:assert/strict'
import type { HttpCase } from '../http-case.js'
import { get, head, patternBytes, readUrl, request } from './exchange.js'
import { assertHeadOf, assertProblem, assertWhole, refused } from './expect.js'
import { altered } from './faulty-storage.js'

/** GET and HEAD of a whole object. */
export const servingCases: readonly HttpCase[] = [
  {
    name: 'GET with a token sends the object, its type and its validators',
    async run(context) {
      const { stat } = await context.put('reports/q3.pdf', 'the report', { contentType: 'application/pdf' })
      const reply = await get(context, await readUrl(context, 'reports/q3.pdf'))
      assertWhole(reply, 'the report')
      assert.equal(reply.headers['content-type'], 'application/pdf')
      assert.equal(reply.headers.etag, stat.etag)
      assert.equal(reply.headers['last-modified'], stat.lastModified.toUTCString())
      assert.equal(reply.headers['content-disposition'], undefined)
    },
  },
  {
    name: 'GET sends an empty object',
    async run(context) {
      await context.put('empty.bin', '')
      assertWhole(await get(context, await readUrl(context, 'empty.bin')), '')
    },
  },
  {
    name: 'GET sends 5 MiB unaltered',
    async run(context) {
      const bytes = patternBytes(5 * 1024 * 1024 + 3)
      await context.put('big.bin', bytes)
      assertWhole(await get(context, await readUrl(context, 'big.bin')), bytes)
    },
  },
  {
    name: 'a GET with a body is answered as any GET',
    async run(context) {
      await context.put('a.txt', 'text')
      const url = await readUrl(context, 'a.txt')
      assertWhole(await request(context, url, { body: 'a body that means nothing' }), 'text')
    },
  },
  {
    name: 'GET without a token is refused with 403 token_required',
    async run(context) {
      await context.put('a.txt', 'text')
      const reply = await refused(context, 'a.txt', [403, 'token_required'], () =>
        get(context, `${context.mount}/a.txt`),
      )
      assert.equal(JSON.parse(reply.body.toString()).detail, 'Signed token required for private file')
    },
  },
  {
    name: 'GET of an absent object with a token is 404 not_found',
    async run(context) {
      assertProblem(await get(context, await readUrl(context, 'absent.txt')), 404, 'not_found')
    },
  },
  {
    name: 'HEAD of a 200 has exactly the header of GET',
    async run(context) {
      await context.put('a.txt', 'some text', { contentType: 'text/plain; charset=utf-8' })
      const url = await readUrl(context, 'a.txt')
      assertHeadOf(await head(context, url), await get(context, url))
    },
  },
  {
    name: 'HEAD of an empty object has exactly the header of GET',
    async run(context) {
      await context.put('empty.txt', '')
      const url = await readUrl(context, 'empty.txt')
      assertHeadOf(await head(context, url), await get(context, url))
    },
  },
  {
    name: 'HEAD of HTML has exactly the header of GET, sandbox and attachment included',
    async run(context) {
      await context.put('page.html', '<p>hello', { contentType: 'text/html' })
      const url = await readUrl(context, 'page.html')
      assertHeadOf(await head(context, url), await get(context, url))
    },
  },
  {
    name: 'HEAD ignores Range',
    async run(context) {
      await context.put('a.txt', 'some text')
      const url = await readUrl(context, 'a.txt')
      const whole = await get(context, url)
      for (const range of ['bytes=2-4', 'bytes=100-', 'bytes=-2', 'bytes=junk']) {
        assertHeadOf(await head(context, url, { range }), whole)
      }
    },
  },
  {
    name: 'HEAD of a 404 has exactly the header of GET',
    async run(context) {
      const url = await readUrl(context, 'absent.txt')
      assertHeadOf(await head(context, url), await get(context, url))
    },
  },
  {
    name: 'HEAD of a 403 has exactly the header of GET',
    async run(context) {
      await context.put('a.txt', 'text')
      const url = `${context.mount}/a.txt`
      assertHeadOf(await head(context, url), await get(context, url))
      assertHeadOf(await head(context, `${url}?token=junk`), await get(context, `${url}?token=junk`))
    },
  },
  {
    name: 'HEAD of a 304 and of a 412 has exactly the header of GET',
    async run(context) {
      const { stat } = await context.put('a.txt', 'text')
      const url = await readUrl(context, 'a.txt')
      for (const fields of [{ 'if-none-match': stat.etag }, { 'if-match': '"another"' }]) {
        assertHeadOf(await head(context, url, fields), await get(context, url, fields))
      }
    },
  },
  {
    name: 'HEAD of a public object has exactly the header of GET',
    needs: ['metadata'],
    async run(context) {
      await context.put('logo.svg', '<svg/>', { contentType: 'image/svg+xml', visibility: 'public' })
      const url = `${context.mount}/logo.svg`
      assertHeadOf(await head(context, url), await get(context, url))
    },
  },
  {
    name: 'an object without a stored type is sent with the type of its extension',
    storage: (driver) =>
      altered(driver, {
        open: async (key) => {
          const object = await driver.open(key)
          if (object === null) return null
          const { contentType: _, ...stat } = object.stat
          return { stat, read: (range) => object.read(range), close: () => object.close() }
        },
      }),
    async run(context) {
      for (const [key, type] of [
        ['photo.jpg', 'image/jpeg'],
        ['note.txt', 'text/plain; charset=utf-8'],
        ['what.unknown-extension', 'application/octet-stream'],
        ['no-extension', 'application/octet-stream'],
      ] as const) {
        await context.put(key, 'bytes')
        assert.equal((await get(context, await readUrl(context, key))).headers['content-type'], type)
      }
    },
  },
]
