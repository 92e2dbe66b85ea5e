import assert from 'node:assert/strict'
import type { SignedCookie } from '@latchkey/core'
import type { HttpCase } from '../http-case.js'
import { signed } from './cookie-case.js'
import { PREFIX } from './tree-case.js'

/** The attributes of a `Set-Cookie` header. */
function attributesOf({ header }: SignedCookie): string[] {
  return header.split('; ').slice(1)
}

/** What a signed cookie says to the browser, and which are refused where they are signed. */
export const cookieSigningCases: readonly HttpCase[] = [
  {
    name: 'cookie: the header has what keeps it in its place',
    async run(context) {
      const cookie = await signed(context, { expiresIn: '10m' })
      const { name, value, path } = cookie
      assert.equal(path, `${context.mount}/${PREFIX}`)
      assert.ok(cookie.url.endsWith(path))
      assert.equal(cookie.header.split('; ')[0], `${name}=${value}`)
      assert.deepEqual(attributesOf(cookie).sort(), [
        'HttpOnly',
        'Max-Age=600',
        `Path=${path}`,
        'SameSite=Lax',
        'Secure',
      ])
      assert.match(value, /^[A-Za-z0-9._~-]+$/)
      assert.equal(cookie.expiresAt.getTime(), context.clock.now() + 600_000)
    },
  },
  {
    name: 'cookie: over plain HTTP it is not Secure, and then not for other sites',
    async run(context) {
      const local = context.another({ baseUrl: 'http://localhost:3000/files' })
      assert.ok(!attributesOf(await local.signedCookie(PREFIX)).includes('Secure'))
      for (const options of [{ secure: true }, { sameSite: 'none' }] as const) {
        await assert.rejects(local.signedCookie(PREFIX, options), { code: 'invalid_option' })
      }
      const relative = context.another({ baseUrl: '/files' })
      assert.ok(attributesOf(await relative.signedCookie(PREFIX)).includes('Secure'))
      assert.ok(!attributesOf(await relative.signedCookie(PREFIX, { secure: false })).includes('Secure'))
      const root = context.another({ baseUrl: 'https://files.example' })
      const whole = await root.signedCookie('', { wholeMount: true })
      assert.deepEqual([whole.path, whole.url], ['/', 'https://files.example/'])
    },
  },
  {
    name: 'cookie: site, domain and the rest are as told, or refused',
    async run(context) {
      const { files } = context
      const strict = await files.signedCookie(PREFIX, { sameSite: 'strict', domain: 'Files.example' })
      assert.ok(strict.header.includes('; SameSite=Strict'))
      assert.ok(strict.header.includes('; Domain=files.example;'))
      assert.equal(strict.domain, 'files.example')
      const none = await files.signedCookie(PREFIX, { sameSite: 'none', domain: 'example' })
      assert.ok(none.header.includes('; SameSite=None; Secure'))
      for (const options of [
        { sameSite: 'Lax' },
        { domain: 'other.example' },
        { domain: 'les.example' },
        { domain: '' },
        { domain: '.example' },
        { domain: 'a.example; Path=/' },
        { domain: 'exämple' },
        { secure: 'false' },
        { maxDownloads: 1 },
        { entry: 'index.m3u8' },
        { expiresIn: '8d' },
        { wholeMount: true },
        { download: 'a name' },
        { responseHeaders: { 'cache-control': 'public' } },
        { responseHeaders: { Expires: 'never' } },
        { responseHeaders: { 'content-type': 'text/html' } },
      ] as object[]) {
        await assert.rejects(
          files.signedCookie(PREFIX, options),
          { code: 'invalid_option' },
          JSON.stringify(options),
        )
      }
      await assert.rejects(files.signedCookie(''), { code: 'invalid_option' })
      for (const prefix of ['videos', '/videos/', 'a;\n/']) {
        await assert.rejects(files.signedCookie(prefix), { code: 'invalid_key' }, prefix)
      }
    },
  },
  {
    name: 'cookie: one that browsers would not keep is refused where it is signed',
    async run(context) {
      const long = `${'ü'.repeat(200)}/`
      await assert.rejects(context.files.signedCookie(long), { code: 'invalid_option' })
      const semicolon = context.another({ baseUrl: 'https://files.example/a;b' })
      await assert.rejects(semicolon.signedCookie(PREFIX), { code: 'invalid_option' })
      const { path, header } = await context.files.signedCookie('a;b, c/ü=1/')
      assert.equal(path, `${context.mount}/a%3Bb%2C%20c/%C3%BC%3D1/`)
      assert.equal(header.split(';').length, 6)
    },
  },
]
