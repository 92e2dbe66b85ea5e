import type { SignedCookie } from '@latchkey/core'
import type { CookieOptions } from '@latchkey/core/token'
import type { HttpCaseContext } from '../http-case.js'
import { OUTSIDE, PLAYLIST, PREFIX } from './tree-case.js'

export const JUNK = 'k1.e9999999999~ogh.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'

/** A cookie over a stored playlist, with a file beside its tree. */
export async function signed(context: HttpCaseContext, options?: CookieOptions): Promise<SignedCookie> {
  await context.put(PLAYLIST, 'playlist')
  await context.put(OUTSIDE, 'outside')
  return context.files.signedCookie(PREFIX, options)
}

/** The header of a browser that has these cookies. */
export function having(...cookies: readonly (SignedCookie | string)[]): { readonly cookie: string } {
  return {
    cookie: cookies
      .map((each) => (typeof each === 'string' ? each : `${each.name}=${each.value}`))
      .join('; '),
  }
}
