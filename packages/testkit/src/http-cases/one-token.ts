import type { HttpCaseContext } from '../http-case.js'
import type { ClientReply } from '../http-client.js'
import { below, get, readUrl, tokenOf } from './exchange.js'
import { refused } from './expect.js'

/** The key that the token cases ask for. */
export const KEY = 'folder/a.txt'

/** Asks for it with a token. */
export async function withToken(context: HttpCaseContext, token: string): Promise<ClientReply> {
  return get(context, below(context, `/${KEY}?token=${token}`))
}

/** Asserts the one answer that every token gets which does not verify. */
export async function assertInvalid(
  context: HttpCaseContext,
  act: () => Promise<ClientReply>,
): Promise<ClientReply> {
  return refused(context, KEY, [403, 'invalid_signature'], act)
}

/** Stores it, and gives a token that opens it. */
export async function readToken(context: HttpCaseContext): Promise<string> {
  await context.put(KEY, 'text')
  return tokenOf(await readUrl(context, KEY, { download: 'a name.txt' }))
}
