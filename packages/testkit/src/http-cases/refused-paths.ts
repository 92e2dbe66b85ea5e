import type { HttpCase } from '../http-case.js'
import { below, readUrl, request, tokenOf } from './exchange.js'
import { assertStored, refusedSomehow } from './expect.js'
import { RawConnection } from './raw-connection.js'

const SECRET = 'secret.txt'

/** Paths below the mount that name no key. */
const REFUSED_PATHS: readonly (readonly [name: string, path: string])[] = [
  ['no key', '/'],
  ['an escaped slash', '/folder%2Fa.txt'],
  ['an escaped slash in lower case', '/folder%2fa.txt'],
  ['an escaped dot segment', '/folder/%2e/a.txt'],
  ['an escaped double dot segment', '/folder/%2e%2e/secret.txt'],
  ['a half escaped double dot segment', '/folder/.%2E/secret.txt'],
  ['a dot segment', '/folder/./a.txt'],
  ['a double dot segment', '/folder/../secret.txt'],
  ['a double dot segment at the end', '/folder/..'],
  ['double dots out of the mount', '/../../../etc/passwd'],
  ['escaped double dots out of the mount', '/%2e%2e/%2e%2e/%2e%2e/etc/passwd'],
  ['a NUL', '/secret.txt%00'],
  ['a NUL before an extension', '/secret.txt%00.png'],
  ['a line feed', '/a%0Ab.txt'],
  ['a carriage return', '/a%0Db.txt'],
  ['DEL', '/a%7Fb.txt'],
  ['a C1 control character', '/a%C2%85b.txt'],
  ['an escaped backslash', '/folder%5Ca.txt'],
  ['escaped backslashes around double dots', '/..%5C..%5Csecret.txt'],
  ['a trailing slash', '/secret.txt/'],
  ['a double slash', '/folder//a.txt'],
  ['a leading double slash', '//secret.txt'],
  ['a percent sign alone', '/100%'],
  ['an escape of one digit', '/a%4'],
  ['an escape that is none', '/a%zz.txt'],
  ['an escape in the style of JavaScript', '/a%u0041.txt'],
  ['an overlong slash', '/folder%C0%AFa.txt'],
  ['overlong dots', '/%C0%AE%C0%AE/secret.txt'],
  ['an escaped lone surrogate', '/a%ED%A0%80.txt'],
  ['UTF-8 cut short', '/a%E2%82'],
  ['Latin-1', '/a%E9.txt'],
  ['a key of 1 025 bytes', `/${`${'x'.repeat(204)}/`.repeat(5)}`.slice(0, -1).concat('x')],
  ['a very long key', `/${'y'.repeat(6000)}`],
]

/** Request targets that no client library sends. */
const REFUSED_TARGETS: readonly (readonly [name: string, path: string])[] = [
  ['a backslash', '/folder\\..\\secret.txt'],
  ['a space', '/a b.txt'],
  ['a fragment', '/secret.txt#x'],
  ['raw UTF-8', '/\xc3\xa9.txt'],
  ['a tab', '/a\tb.txt'],
]

/** Paths and request targets that name no key. */
export const refusedPathCases: readonly HttpCase[] = [
  ...REFUSED_PATHS.map(
    ([name, path]): HttpCase => ({
      name: `a path with ${name} is refused, whatever the token`,
      async run(context) {
        await context.put(SECRET, 'the secret')
        await context.put('folder/a.txt', 'in the folder')
        const tokens = [await readUrl(context, SECRET), await readUrl(context, 'folder/a.txt')].map(tokenOf)
        for (const query of ['', ...tokens.map((token) => `?token=${token}`)]) {
          for (const method of ['GET', 'PUT', 'DELETE']) {
            const body = method === 'PUT' ? { body: 'bytes' } : {}
            // A framework may see by itself that such a path is none, or lies outside the mount.
            await refusedSomehow(context, SECRET, [400, 404], () =>
              request(context, below(context, `${path}${query}`), { method, ...body }),
            )
          }
        }
        await assertStored(context, 'folder/a.txt', 'in the folder')
      },
    }),
  ),
  ...REFUSED_TARGETS.map(
    ([name, path]): HttpCase => ({
      name: `a request target with ${name} is refused`,
      async run(context) {
        await context.put(SECRET, 'the secret')
        const token = tokenOf(await readUrl(context, SECRET))
        await refusedSomehow(context, SECRET, [400], async () => {
          const connection = await RawConnection.open(context.origin)
          await connection.write(
            `GET ${below(context, path)}?token=${token} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
          )
          const reply = await connection.reply()
          connection.destroy()
          return reply
        })
      },
    }),
  ),
]
