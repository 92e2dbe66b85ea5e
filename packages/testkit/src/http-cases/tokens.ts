import assert from 'node:assert/strict'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import { below, get, requestHead } from './exchange.js'
import { assertWhole } from './expect.js'
import { assertInvalid, KEY, readToken, withToken } from './one-token.js'
import { RawConnection } from './raw-connection.js'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~'

/** A character that is not `character`, different from place to place. */
function another(character: string, at: number): string {
  const choice = ALPHABET[(ALPHABET.indexOf(character) + 1 + (at % (ALPHABET.length - 1))) % ALPHABET.length]
  return choice ?? 'A'
}

/** Sends every token, all on one connection. */
async function assertAllInvalid(context: HttpCaseContext, tokens: readonly string[]): Promise<void> {
  const connection = await RawConnection.open(context.origin)
  const targets = tokens.map((token) => below(context, `/${KEY}?token=${token}`))
  await connection.write(targets.map((target) => requestHead('GET', target, [])).join(''))
  for (const token of tokens) {
    const { status, body } = await connection.reply()
    assert.equal(status, 403, `taken: ${token}`)
    assert.equal(JSON.parse(body.toString()).code, 'invalid_signature')
  }
  connection.destroy()
}

/** Tokens that were tampered with. */
export const tokenCases: readonly HttpCase[] = [
  {
    name: 'a token with any one of its characters changed is refused',
    async run(context) {
      const token = await readToken(context)
      assertWhole(await withToken(context, token), 'text')
      const changed = [...token].map(
        (character, at) => token.slice(0, at) + another(character, at) + token.slice(at + 1),
      )
      await assertAllInvalid(context, changed)
    },
  },
  {
    name: 'a token cut short at either end is refused',
    async run(context) {
      const token = await readToken(context)
      await assertAllInvalid(
        context,
        [...token].map((_, length) => token.slice(0, length)),
      )
      await assertAllInvalid(
        context,
        [...token].map((_, length) => token.slice(length + 1)),
      )
    },
  },
  ...(
    [
      ['a letter', (token) => `${token}A`],
      ['padding', (token) => `${token}=`],
      ['an escaped NUL', (token) => `${token}%00`],
      ['a plus', (token) => `${token}+`],
      ['a dot', (token) => `${token}.`],
      ['a block', (token) => `${token}.e9999999999`],
      ['itself', (token) => `${token}${token}`],
      ['a semicolon and more', (token) => `${token};x=1`],
    ] satisfies readonly (readonly [string, (token: string) => string])[]
  ).map(
    ([name, spoil]): HttpCase => ({
      name: `a token followed by ${name} is refused`,
      async run(context) {
        const token = await readToken(context)
        await assertInvalid(context, () => withToken(context, spoil(token)))
      },
    }),
  ),
  {
    name: 'a token with an escaped character is refused: it has one spelling',
    async run(context) {
      const token = await readToken(context)
      const escaped = `%${token.charCodeAt(0).toString(16)}${token.slice(1)}`
      await assertInvalid(context, () => withToken(context, escaped))
    },
  },
  {
    name: 'an empty token is refused',
    async run(context) {
      await context.put(KEY, 'text')
      await assertInvalid(context, () => withToken(context, ''))
    },
  },
  {
    name: 'a token of 5 000 characters is refused',
    async run(context) {
      const token = await readToken(context)
      await assertInvalid(context, () => withToken(context, 'a'.repeat(5000)))
      await assertInvalid(context, () =>
        withToken(context, `${token.slice(0, -44)}~z${'a'.repeat(5000)}${token.slice(-44)}`),
      )
    },
  },
  {
    name: 'two token parameters are refused, also where one of them is good',
    async run(context) {
      const token = await readToken(context)
      for (const query of [
        `token=${token}&token=${token}`,
        `token=${token}&token=x`,
        `token=&token=${token}`,
      ]) {
        await assertInvalid(context, () => get(context, below(context, `/${KEY}?${query}`)))
      }
    },
  },
]
