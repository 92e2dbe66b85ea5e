import assert from 'node:assert/strict'
import type { HttpCase } from '../http-case.js'
import { below, get, head, put, readUrl, uploadUrl } from './exchange.js'
import { assertProblem, assertWhole, refused } from './expect.js'

/** Objects that need no token. */
export const visibilityCases: readonly HttpCase[] = [
  {
    name: 'a public object is served without a token, for ever and to every origin',
    needs: ['metadata'],
    async run(context) {
      await context.put('logo.png', 'bytes', { visibility: 'public', contentType: 'image/png' })
      const reply = await get(context, below(context, '/logo.png'))
      assertWhole(reply, 'bytes')
      assert.equal(reply.headers['cache-control'], 'public, max-age=31536000, immutable')
      assert.equal(reply.headers['cross-origin-resource-policy'], 'cross-origin')
      assert.equal(reply.headers['x-content-type-options'], 'nosniff')
    },
  },
  {
    name: 'a public object with a stored cache age is kept that long',
    needs: ['metadata'],
    async run(context) {
      await context.put('logo.png', 'bytes', { visibility: 'public', cacheControlMaxAge: 60 })
      const { headers } = await get(context, below(context, '/logo.png'))
      assert.equal(headers['cache-control'], 'public, max-age=60')
    },
  },
  {
    name: 'a public object answers conditions and ranges',
    needs: ['metadata', 'ranges'],
    async run(context) {
      const { stat } = await context.put('logo.png', 'bytes', { visibility: 'public' })
      const url = below(context, '/logo.png')
      assert.equal((await get(context, url, { 'if-none-match': stat.etag })).status, 304)
      assert.equal((await get(context, url, { range: 'bytes=1-2' })).body.toString(), 'yt')
      assertProblem(await get(context, url, { range: 'bytes=9-' }), 416, 'range_not_satisfiable')
      assert.equal((await head(context, url)).status, 200)
    },
  },
  {
    name: 'a public page is sandboxed and saved',
    needs: ['metadata'],
    async run(context) {
      await context.put('page.html', '<p>', { visibility: 'public', contentType: 'text/html' })
      const { headers } = await get(context, below(context, '/page.html'))
      assert.equal(headers['content-security-policy'], "sandbox; default-src 'none'")
      assert.match(headers['content-disposition'] ?? '', /^attachment/)
    },
  },
  {
    name: 'a bad token is refused for a public object, too',
    needs: ['metadata'],
    async run(context) {
      await context.put('logo.png', 'bytes', { visibility: 'public' })
      for (const query of ['?token=junk', '?token=']) {
        const url = below(context, `/logo.png${query}`)
        await refused(context, 'logo.png', [403, 'invalid_signature'], () => get(context, url))
      }
    },
  },
  {
    name: 'a public object with a good token is served as the token says',
    needs: ['metadata'],
    async run(context) {
      await context.put('logo.png', 'bytes', { visibility: 'public', contentType: 'image/png' })
      const reply = await get(context, await readUrl(context, 'logo.png', { expiresIn: 60, download: true }))
      assertWhole(reply, 'bytes')
      assert.match(reply.headers['cache-control'] ?? '', /^private/)
      assert.match(reply.headers['content-disposition'] ?? '', /^attachment/)
    },
  },
  {
    name: 'a public object can be neither replaced nor removed without a token',
    needs: ['metadata'],
    async run(context) {
      await context.put('logo.png', 'bytes', { visibility: 'public' })
      const url = below(context, '/logo.png')
      await refused(context, 'logo.png', [403, 'token_required'], () => put(context, url, 'new'))
      await refused(context, 'logo.png', [403, 'token_required'], () =>
        put(context, url, 'new', { 'if-match': '*' }),
      )
    },
  },
  {
    name: 'an upload becomes public only where its token says so',
    needs: ['metadata'],
    async run(context) {
      await put(context, await uploadUrl(context, 'private.txt'), 'private')
      const reply = await put(
        context,
        await uploadUrl(context, 'public.txt', { visibility: 'public' }),
        'public',
      )
      assert.equal(reply.status, 201)
      assert.equal(JSON.parse(reply.body.toString()).visibility, 'public')
      assertProblem(await get(context, below(context, '/private.txt')), 403, 'token_required')
      assertWhole(await get(context, below(context, '/public.txt')), 'public')
    },
  },
  {
    name: 'overwriting a public object with a private upload makes it private, and the reverse',
    needs: ['metadata'],
    async run(context) {
      const url = below(context, '/a.txt')
      for (const visibility of ['public', 'private', 'public'] as const) {
        const upload = await uploadUrl(context, 'a.txt', { visibility, allowOverwrite: true })
        assert.ok([200, 201].includes((await put(context, upload, visibility)).status))
        const reply = await get(context, url)
        if (visibility === 'public') assertWhole(reply, visibility)
        else assertProblem(reply, 403, 'token_required')
      }
    },
  },
]
