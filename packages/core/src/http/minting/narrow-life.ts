import type { FirstFields } from '../../token/index.js'
import { badRequest } from './bad-request.js'

/**
 * The end of a token: that of the limits, or sooner where the client asked for less.
 *
 * @param now milliseconds
 * @throws LatchkeyError `bad_request` where nothing is left behind the start that the limits set
 */
export function narrowLife(
  { expires, notBefore }: FirstFields,
  expiresIn: number | undefined,
  now: number,
): number {
  if (expiresIn === undefined) return expires
  const narrowed = Math.min(expires, Math.ceil(now / 1000) + expiresIn)
  if (notBefore !== undefined && narrowed <= notBefore) {
    throw badRequest('The URL would end before it becomes valid: ask for a longer life.')
  }
  return narrowed
}
