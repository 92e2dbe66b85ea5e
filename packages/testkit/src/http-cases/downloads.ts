import assert from 'node:assert/strict'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import { get, readUrl } from './exchange.js'

/** The disposition and the file name that a browser would take (RFC 6266, section 4.3). */
function readDisposition(field: string | undefined): { type: string; name: string | undefined } {
  const text = field ?? ''
  const type = /^[a-z]+/.exec(text)?.[0] ?? ''
  const extended = /filename\*=UTF-8''([^;]+)/i.exec(text)?.[1]
  if (extended !== undefined) return { type, name: decodeURIComponent(extended) }
  const quoted = /filename="((?:[^"\\]|\\.)*)"/.exec(text)?.[1]
  if (quoted !== undefined) return { type, name: quoted.replace(/\\(.)/g, '$1') }
  return { type, name: /filename=([^;\s]+)/.exec(text)?.[1] }
}

async function dispositionOf(
  context: HttpCaseContext,
  key: string,
  download: boolean | string,
): Promise<string> {
  await context.put(key, 'bytes', { contentType: 'application/pdf' })
  return (await get(context, await readUrl(context, key, { download }))).headers['content-disposition'] ?? ''
}

const NAMES = [
  'report.pdf',
  'two words.pdf',
  'a "quoted" name.pdf',
  'back\\slash.pdf',
  'semi;colon, comma=equals.pdf',
  'Résumé.pdf',
  'Übersicht – €.pdf',
  '日本語.pdf',
  '🎉.pdf',
  '100%.pdf',
  "it's (1)*.pdf",
  '%41.pdf',
]

/** `Content-Disposition` (RFC 6266, RFC 8187). */
export const downloadCases: readonly HttpCase[] = [
  ...NAMES.map(
    (name): HttpCase => ({
      name: `a download under the name ${name} arrives under that name`,
      async run(context) {
        const field = await dispositionOf(context, 'reports/q3.pdf', name)
        assert.deepEqual(readDisposition(field), { type: 'attachment', name })
        assert.match(field, /^[\x20-\x7e]*$/, 'only ASCII is sent')
      },
    }),
  ),
  {
    name: 'download: true saves under the last segment of the key',
    needs: ['everyKey'],
    async run(context) {
      for (const key of ['reports/q3.pdf', 'plain', 'ä/ö "x".pdf']) {
        const field = await dispositionOf(context, key, true)
        const name = key.slice(key.lastIndexOf('/') + 1)
        assert.deepEqual(readDisposition(field), { type: 'attachment', name })
      }
    },
  },
  {
    name: 'download: false shows',
    async run(context) {
      assert.equal(readDisposition(await dispositionOf(context, 'q3.pdf', false)).type, 'inline')
    },
  },
  {
    name: 'a name that would break the header is refused where the URL is minted',
    async run(context) {
      for (const download of [
        'a\r\nSet-Cookie: a=b',
        'a\nb',
        'a\rb',
        'a\0b',
        '\u0085',
        '\ud800',
        '',
        'x'.repeat(256),
      ]) {
        const minted = context.files.signedUrl('a.txt', { download })
        await assert.rejects(minted, { code: 'invalid_option' }, JSON.stringify(download))
      }
    },
  },
  {
    name: 'a key of a name like a header is saved without breaking the header',
    needs: ['everyKey'],
    async run(context) {
      const field = await dispositionOf(context, 'a%0d%0aSet-Cookie: a=b', true)
      assert.deepEqual(readDisposition(field), { type: 'attachment', name: 'a%0d%0aSet-Cookie: a=b' })
    },
  },
]
