import assert from 'node:assert/strict'
import type { SniffedType } from '@latchkey/core'
import type { HttpCase } from '../http-case.js'
import type { ClientFields } from '../http-client.js'
import { chunksOf, patternBytes, put, uploadUrl } from './exchange.js'
import { assertAbsent, assertStored, refused } from './expect.js'

const KEY = 'upload'
const PNG = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), patternBytes(9000)])
const HTML = Buffer.from(`<!doctype html><script>alert(1)</script>${' '.repeat(9000)}`)

const ALLOWED: readonly (readonly [type: string, allowedTypes: readonly string[]])[] = [
  ['image/png', ['image/png']],
  ['image/png', ['image/*']],
  ['image/png', ['*/*']],
  ['image/png', ['text/plain', 'image/png']],
  ['IMAGE/PNG', ['image/png']],
  ['image/png', ['IMAGE/PNG']],
  ['image/png; charset=binary', ['image/png']],
  ['image/png ; a="b, c;d"', ['image/png']],
  ['image/svg+xml', ['image/svg+xml']],
]

const REFUSED: readonly (readonly [type: string | readonly string[], allowedTypes: readonly string[]])[] = [
  ['text/html', ['image/png']],
  ['text/html', ['image/*']],
  ['image/pngx', ['image/png']],
  ['image/png', ['image/pngx']],
  ['ximage/png', ['image/*']],
  ['imagex/png', ['image/*']],
  ['image/png, text/html', ['image/*']],
  ['text/html, image/png', ['image/*']],
  ['image/png,image/png', ['image/png']],
  [['image/png', 'text/html'], ['image/*']],
  [['text/html', 'image/png'], ['image/*']],
  ['image/png; a=b, text/html', ['image/*']],
  ['image/*', ['image/*']],
  ['*/*', ['*/*']],
  ['image', ['image/*']],
  ['image/', ['image/*']],
  ['/png', ['*/*']],
  ['image/png/x', ['image/*']],
  ['image / png', ['image/*']],
  ['image/png text/html', ['image/*']],
  ['text/html; a=image/png', ['image/*']],
  ['image/png; "', ['image/png']],
  ['image/png', []],
  ['application/octet-stream', []],
]

/** Knows PNG and HTML by their first bytes. */
function sniff(head: Uint8Array): SniffedType | undefined {
  const text = Buffer.from(head).toString('latin1')
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return { mime: 'image/png' }
  return text.startsWith('<!doctype html') ? { mime: 'text/html' } : undefined
}

function typed(type: string | readonly string[]): ClientFields {
  return { 'content-type': type }
}

/** Which types may be uploaded. */
export const uploadTypeCases: readonly HttpCase[] = [
  ...ALLOWED.map(
    ([type, allowedTypes]): HttpCase => ({
      name: `Content-Type ${type} is taken where ${allowedTypes.join(' and ')} may be`,
      async run(context) {
        const url = await uploadUrl(context, KEY, { allowedTypes })
        assert.equal((await put(context, url, 'bytes', typed(type))).status, 201)
      },
    }),
  ),
  ...REFUSED.map(
    ([type, allowedTypes]): HttpCase => ({
      name: `Content-Type ${JSON.stringify(type)} is refused where ${allowedTypes.join(' and ') || 'nothing'} may be`,
      async run(context) {
        const url = await uploadUrl(context, KEY, { allowedTypes })
        await refused(context, KEY, [415, 'type_not_allowed'], () => put(context, url, 'bytes', typed(type)))
        await assertAbsent(context, KEY)
      },
    }),
  ),
  {
    name: 'a malformed Content-Type is refused though every type may be',
    async run(context) {
      const url = await uploadUrl(context, KEY)
      for (const type of [
        'junk',
        'text/html, image/png',
        'a/b/c',
        'text/*',
        `text/${'x'.repeat(300)}`,
        'text/plain; x',
      ]) {
        await refused(context, KEY, [415, 'type_not_allowed'], () => put(context, url, 'bytes', typed(type)))
      }
    },
  },
  {
    name: 'without Content-Type the extension is held against allowedTypes',
    async run(context) {
      const options = { allowedTypes: ['image/*'] }
      assert.equal((await put(context, await uploadUrl(context, 'a.png', options), 'bytes')).status, 201)
      for (const key of ['a.html', 'a']) {
        const url = await uploadUrl(context, key, options)
        await refused(context, key, [415, 'type_not_allowed'], () => put(context, url, 'bytes'))
      }
    },
  },
  {
    name: 'allowedTypes that are no types are refused where the URL is minted',
    async run(context) {
      for (const type of [
        '',
        'image',
        'image/',
        '/png',
        'image/png, text/html',
        '*',
        '*/png',
        'image/p*g',
        'a b/c',
      ]) {
        const minted = context.files.signedUploadUrl(KEY, { allowedTypes: [type] })
        await assert.rejects(minted, { code: 'invalid_option' }, type)
      }
    },
  },
  {
    name: 'sniff: bytes that are what they say are stored whole',
    options: { sniff },
    async run(context) {
      for (const [key, body] of [
        ['whole', PNG],
        ['chunked', chunksOf(PNG, 1000)],
        ['small', PNG.subarray(0, 8)],
      ] as const) {
        const url = await uploadUrl(context, key, { allowedTypes: ['image/*'] })
        assert.equal((await put(context, url, body, typed('image/png'))).status, 201)
        await assertStored(context, key, body instanceof Uint8Array ? body : PNG)
      }
    },
  },
  {
    name: 'sniff: HTML that says it is PNG is refused',
    options: { sniff },
    async run(context) {
      const url = await uploadUrl(context, KEY, { allowedTypes: ['image/*'] })
      for (const body of [HTML, chunksOf(HTML, 100), HTML.subarray(0, 20)]) {
        await refused(context, KEY, [415, 'type_not_allowed'], () =>
          put(context, url, body, typed('image/png')),
        )
      }
    },
  },
  {
    name: 'sniff: bytes that are nothing known are refused as a type that is always recognised',
    options: { sniff },
    async run(context) {
      const url = await uploadUrl(context, KEY, { allowedTypes: ['image/png', 'text/plain'] })
      for (const body of ['just text', '']) {
        await refused(context, KEY, [415, 'type_not_allowed'], () =>
          put(context, url, body, typed('image/png')),
        )
      }
      assert.equal((await put(context, url, 'just text', typed('text/plain'))).status, 201)
    },
  },
  {
    name: 'sniff: where it throws the upload is refused, and its message goes to no client',
    options: {
      sniff: () => {
        throw new Error('hush: /srv/private')
      },
    },
    async run(context) {
      const url = await uploadUrl(context, KEY, { allowedTypes: ['image/*'] })
      const reply = await refused(context, KEY, [415, 'type_not_allowed'], () =>
        put(context, url, PNG, typed('image/png')),
      )
      assert.ok(
        !/hush|srv/.test(reply.body.toString() + JSON.stringify(reply.headers)),
        reply.body.toString(),
      )
    },
  },
]
