import assert from 'node:assert/strict'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import { below, get, requestHead } from './exchange.js'
import { assertWhole, refused } from './expect.js'
import { RawConnection } from './raw-connection.js'
import { PLAYLIST, PREFIX, pathTokenOf, tree } from './tree-case.js'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~'

/** Another character in each place: of the token's own, so that it mostly remains a token. */
function altered(token: string): string[] {
  return [...token].map((character, at) => {
    const other = ALPHABET[(ALPHABET.indexOf(character) + 1 + (at % (ALPHABET.length - 1))) % ALPHABET.length]
    return token.slice(0, at) + other + token.slice(at + 1)
  })
}

/** Asks for the playlist with each first segment, all on one connection, and asserts that none opens it. */
async function assertNoneOpens(context: HttpCaseContext, segments: readonly string[]): Promise<void> {
  const connection = await RawConnection.open(context.origin)
  const targets = segments.map((segment) => below(context, `/${segment}/${PLAYLIST}`))
  await connection.write(targets.map((target) => requestHead('GET', target, [])).join(''))
  for (const segment of segments) {
    const { status, body } = await connection.reply()
    const { code } = JSON.parse(body.toString())
    // What is no token any more is the first segment of a key.
    assert.ok(status === 403 || (status === 400 && code === 'invalid_key'), `${status} for ${segment}`)
    assert.ok(['invalid_signature', 'token_required', 'invalid_key'].includes(code), `${code} for ${segment}`)
  }
  connection.destroy()
}

/** Tokens in the path that were altered, or come from somebody else. */
export const pathTokenForgeryCases: readonly HttpCase[] = [
  {
    name: 'path token: with any one character changed it opens nothing',
    async run(context) {
      const token = pathTokenOf(context, await tree(context))
      assertWhole(await get(context, below(context, `/${token}/${PLAYLIST}`)), 'playlist')
      await assertNoneOpens(context, altered(token))
    },
  },
  {
    name: 'path token: cut short, lengthened, doubled or joined to something it opens nothing',
    async run(context) {
      const token = pathTokenOf(context, await tree(context))
      const cut = [...token].slice(1).flatMap((_, at) => [token.slice(0, at + 1), token.slice(at + 1)])
      const more = ['A', '=', '%00', '+', '.', '~', '.e9999999999', token, ';x=1', `/${token}`, '%2F', ',']
      await assertNoneOpens(context, [
        ...cut,
        ...more.map((text) => `${token}${text}`),
        ...['%20', 'A', '.', ';'].map((text) => `${text}${token}`),
      ])
    },
  },
  {
    name: 'path token: an escaped spelling is no token',
    async run(context) {
      const token = pathTokenOf(context, await tree(context))
      for (const at of [0, 5, token.indexOf('.'), token.length - 1]) {
        const spelled = `%${token.charCodeAt(at).toString(16)}`
        const escaped = token.slice(0, at) + spelled + token.slice(at + 1)
        await refused(context, PLAYLIST, [403, 'token_required'], () =>
          get(context, below(context, `/${escaped}/${PLAYLIST}`)),
        )
      }
    },
  },
  {
    name: 'path token: of another secret, key id, audience or mount it opens nothing',
    async run(context) {
      await tree(context)
      const secret = 'another secret of at least 32 bytes'
      for (const others of [
        { keys: [{ id: 'k1', secret }] },
        { keys: [{ id: 'k9', secret }] },
        { audience: 'another' },
        { baseUrl: 'https://files.example/other' },
      ]) {
        const { url } = await context.another(others).signedTreeUrl(PREFIX)
        const token = /\/([^/]+)\/videos\/42\/$/.exec(url)?.[1] ?? ''
        await refused(context, PLAYLIST, [403, 'invalid_signature'], () =>
          get(context, below(context, `/${token}/${PLAYLIST}`)),
        )
      }
    },
  },
]
