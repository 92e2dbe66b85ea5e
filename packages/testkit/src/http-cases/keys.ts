import assert from 'node:assert/strict'
import type { HttpCase } from '../http-case.js'
import {
  below,
  get,
  head,
  put,
  readUrl,
  removeUrl,
  request,
  targetOf,
  tokenOf,
  uploadUrl,
} from './exchange.js'
import { assertAbsent, assertStored, assertWhole, refused, refusedSomehow } from './expect.js'
import { RawConnection } from './raw-connection.js'

const SECRET = 'secret.txt'

/** Keys that something between the client and the storage is likely to change. */
const SPECIAL_KEYS = [
  'a+b c.txt',
  'a%2Fb.txt',
  '100%.txt',
  '%41.txt',
  '%252e%252e/x',
  'what?.txt',
  'part#1.txt',
  'a&b=c&token=x',
  'a;v=1/b:c@d$e,f!g',
  "it's (1) *.txt",
  '"quoted".txt',
  '<b>&amp;.txt',
  'a|b^c`d{e}~f[g]',
  'with spaces /and more .txt ',
  '.hidden/..dots/...',
  'a..b/c.',
  'Grüße/Ærøskøbing.txt',
  '日本語/ファイル.txt',
  '🎉/👩‍👩‍👧.txt',
  'e\u0301.txt',
  '\u00e9.txt',
  '\u202etxt.exe',
  '-',
  '__proto__',
  'constructor/toString',
  'index.html',
] as const

/** Keys on the wire: decoded once, strictly, never normalised. */
export const keyCases: readonly HttpCase[] = [
  ...SPECIAL_KEYS.map(
    (key): HttpCase => ({
      name: `the key ${JSON.stringify(key)} is uploaded, read and removed as itself`,
      needs: ['everyKey'],
      async run(context) {
        const created = await put(context, await uploadUrl(context, key), 'bytes')
        assert.equal(created.status, 201, created.body.toString())
        await assertStored(context, key, 'bytes')
        const url = await readUrl(context, key)
        assertWhole(await get(context, url), 'bytes')
        assert.equal((await head(context, url)).status, 200)
        assert.equal(
          (await request(context, await removeUrl(context, key), { method: 'DELETE' })).status,
          204,
        )
        await assertAbsent(context, key)
      },
    }),
  ),
  {
    name: 'a key of 1 024 bytes is stored and read',
    needs: ['everyKey'],
    async run(context) {
      const key = `${'x'.repeat(204)}/`.repeat(5).slice(0, 1024)
      assert.equal(Buffer.byteLength(key), 1024)
      assert.equal((await put(context, await uploadUrl(context, key), 'bytes')).status, 201)
      assertWhole(await get(context, await readUrl(context, key)), 'bytes')
    },
  },
  {
    name: 'a key that is none is refused where the URL is minted',
    async run(context) {
      const none = [
        '',
        '/a',
        'a/',
        'a//b',
        '.',
        '..',
        'a/../b',
        './a',
        'a\\b',
        'a\0',
        'a\nb',
        '\ud800',
        'x'.repeat(1025),
      ]
      for (const key of none) {
        await assert.rejects(context.files.signedUrl(key), { code: 'invalid_key' }, JSON.stringify(key))
        await assert.rejects(context.files.signedUploadUrl(key), { code: 'invalid_key' }, JSON.stringify(key))
      }
    },
  },
  {
    name: 'an escape that was not needed names the same key',
    async run(context) {
      await context.put('a-b.txt', 'text')
      const token = tokenOf(await readUrl(context, 'a-b.txt'))
      for (const path of ['/%61-b.txt', '/a%2Db.txt', '/a%2db%2Etxt']) {
        assertWhole(await get(context, below(context, `${path}?token=${token}`)), 'text')
      }
    },
  },
  {
    name: 'near spellings of a key are other keys',
    async run(context) {
      for (const [one, other] of [
        ['a b.txt', '/a+b.txt'],
        ['a+b.txt', '/a%20b.txt'],
        ['a.txt', '/A.txt'],
        ['\u00e9.txt', `/${encodeURIComponent('e\u0301.txt')}`],
        ['e\u0301.txt', `/${encodeURIComponent('\u00e9.txt')}`],
        ['a.txt', '/a.txt;v=1'],
        ['a.txt', '/a%2Etxt%20'],
        ['%2e%2e/x', '/%252e%252e%2fx'],
      ] as const) {
        const token = tokenOf(await readUrl(context, one))
        await refusedSomehow(context, one, [403, 400], () =>
          get(context, below(context, `${other}?token=${token}`)),
        )
      }
    },
  },
  {
    name: 'a path is decoded once: escaped escapes stay what they are',
    async run(context) {
      await context.put(SECRET, 'the secret')
      const token = tokenOf(await readUrl(context, SECRET))
      for (const path of ['/folder/%252e%252e/secret.txt', '/secret%252etxt', '/%2573ecret.txt']) {
        await refused(context, SECRET, [403, 'invalid_signature'], () =>
          get(context, below(context, `${path}?token=${token}`)),
        )
      }
    },
  },
  {
    name: 'a request target in absolute form is served',
    needs: ['everyKey'],
    async run(context) {
      await context.put('a b/ü.txt', 'text')
      const target = targetOf(await readUrl(context, 'a b/ü.txt'))
      const connection = await RawConnection.open(context.origin)
      await connection.write(
        `GET ${context.origin}${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`,
      )
      assertWhole(await connection.reply(), 'text')
      connection.destroy()
    },
  },
]
