import assert from 'node:assert/strict'
import type { UrlOptions } from '@latchkey/core/token'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import type { ClientReply } from '../http-client.js'
import { get, put, readUrl, targetOf, uploadUrl } from './exchange.js'
import { assertSameReply, assertWhole } from './expect.js'

/** The reply to a GET of an object of this type under a URL with these options. */
async function replyTo(
  context: HttpCaseContext,
  contentType: string,
  options: UrlOptions = {},
  key = 'reports/q3',
): Promise<ClientReply> {
  await context.put(key, 'bytes', { contentType })
  return get(context, await readUrl(context, key, options))
}

const SCRIPTABLE = [
  'text/html',
  'TEXT/HTML',
  'text/html; charset=utf-8',
  'application/xhtml+xml',
  'image/svg+xml',
  'image/svg+xml; charset=utf-8',
  'text/xml',
  'application/xml',
  'application/atom+xml',
  'text/xsl',
  'multipart/x-mixed-replace',
]

const SAFE = ['text/plain', 'application/json', 'image/png', 'application/pdf', 'application/octet-stream']

/** The headers of replies with an object. */
export const replyHeaderCases: readonly HttpCase[] = [
  {
    name: 'every reply with an object keeps browsers from guessing, from telling and from lending it out',
    async run(context) {
      const { headers } = await replyTo(context, 'image/png')
      assert.equal(headers['x-content-type-options'], 'nosniff')
      assert.equal(headers['referrer-policy'], 'no-referrer')
      assert.equal(headers['cross-origin-resource-policy'], 'same-site')
    },
  },
  {
    name: 'crossOriginResourcePolicy is sent with private objects',
    options: { crossOriginResourcePolicy: 'same-origin' },
    async run(context) {
      assert.equal(
        (await replyTo(context, 'image/png')).headers['cross-origin-resource-policy'],
        'same-origin',
      )
    },
  },
  ...SCRIPTABLE.map(
    (type): HttpCase => ({
      name: `${type} is sandboxed and saved, not shown`,
      needs: ['contentTypes'],
      async run(context) {
        const { headers } = await replyTo(context, type)
        assert.equal(headers['content-type'], type)
        assert.equal(headers['content-security-policy'], "sandbox; default-src 'none'")
        assert.match(headers['content-disposition'] ?? '', /^attachment/)
      },
    }),
  ),
  ...SAFE.map(
    (type): HttpCase => ({
      name: `${type} is neither sandboxed nor saved`,
      async run(context) {
        const { headers } = await replyTo(context, type)
        assert.equal(headers['content-security-policy'], undefined)
        assert.equal(headers['content-disposition'], undefined)
      },
    }),
  ),
  {
    name: 'HTML that the signer wants shown is shown, in its sandbox',
    needs: ['contentTypes'],
    async run(context) {
      const { headers } = await replyTo(context, 'text/html', { download: false })
      assert.match(headers['content-disposition'] ?? '', /^inline/)
      assert.equal(headers['content-security-policy'], "sandbox; default-src 'none'")
    },
  },
  {
    name: 'response headers that the signer fixed replace the stored ones',
    async run(context) {
      const { headers } = await replyTo(context, 'application/octet-stream', {
        responseHeaders: {
          'Content-Type': 'text/plain; charset=utf-8',
          'cache-control': 'private, no-cache',
          'content-language': 'da',
          expires: 'Thu, 01 Jan 1970 00:00:00 GMT',
          'x-robots-tag': 'noindex',
        },
      })
      assert.equal(headers['content-type'], 'text/plain; charset=utf-8')
      assert.equal(headers['cache-control'], 'private, no-cache')
      assert.equal(headers['content-language'], 'da')
      assert.equal(headers.expires, 'Thu, 01 Jan 1970 00:00:00 GMT')
      assert.equal(headers['x-robots-tag'], 'noindex')
    },
  },
  {
    name: 'a type that the signer fixed is sandboxed and saved where it may run script',
    async run(context) {
      const { headers } = await replyTo(context, 'text/plain', {
        responseHeaders: { 'content-type': 'text/html' },
      })
      assert.equal(headers['content-type'], 'text/html')
      assert.equal(headers['content-security-policy'], "sandbox; default-src 'none'")
      assert.match(headers['content-disposition'] ?? '', /^attachment/)
    },
  },
  {
    name: 'response headers that a signer may not fix, or that would break the header, are refused where minted',
    async run(context) {
      for (const responseHeaders of [
        { 'set-cookie': 'a=b' },
        { location: '/' },
        { 'content-length': '1' },
        { 'content-security-policy': "default-src 'self'" },
        { 'content-type': 'text/html\r\nSet-Cookie: a=b' },
        { 'content-type': 'junk' },
        { 'content-language': 'd\na' },
        { 'content-language': 'd\0a' },
        { 'content-language': '日本語' },
        { 'content-language': '' },
      ]) {
        const minted = context.files.signedUrl('a.txt', { responseHeaders })
        await assert.rejects(minted, { code: 'invalid_option' }, JSON.stringify(responseHeaders))
      }
    },
  },
  {
    name: 'query parameters beside the token change nothing',
    async run(context) {
      await context.put('a.html', '<p>text', { contentType: 'text/html' })
      const url = await readUrl(context, 'a.html')
      const plain = await get(context, url)
      assertWhole(plain, '<p>text')
      for (const more of [
        'download=false&response-content-type=text/plain&response-content-disposition=inline',
        'x=%zz&y=%00&=&&a=b=c',
        'Token=x&tokens=x&atoken=x&token%20=x',
        'd=i&e=9999999999&o=d',
        'expires=0',
      ]) {
        assertSameReply(await get(context, `${url}&${more}`), plain)
        assertSameReply(await get(context, targetOf(url).replace('?', `?${more}&`)), plain)
      }
    },
  },
  {
    name: 'the type given at upload is the type at download',
    needs: ['metadata'],
    async run(context) {
      const type = 'text/csv; charset="utf-8"; header=present'
      await put(context, await uploadUrl(context, 'a.csv'), 'a,b', { 'content-type': type })
      assert.equal((await get(context, await readUrl(context, 'a.csv'))).headers['content-type'], type)
    },
  },
]
