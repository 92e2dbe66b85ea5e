import { type Grant, LatchkeyError, openToken } from '../token/index.js'
import type { GateSettings } from './gate-settings.js'
import { routesAudience } from './routes/audience.js'
import { routeKey, splitRouteToken } from './routes/route-target.js'
import { parseTarget } from './target.js'

/** The methods that a URL for a route is tried for, as it does not say for which it was signed. */
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const

const ORIGIN = /^https?:\/\/[^/?#]*/i

/**
 * What the token of a signed URL grants, whatever its times. The URL's origin is not looked at: behind a proxy one mount may
 * have several, and the MAC says whose it is.
 *
 * @throws LatchkeyError `invalid_option` for a URL that neither lies below `baseUrl` nor is for a signed route, or has no
 *   token of this mount's
 */
export async function openSignedUrl(url: string, settings: GateSettings): Promise<Grant> {
  if (typeof url !== 'string') throw notOurs('it is no text')
  // Text work only: a parser of URLs would respell the path, which is what the token is for.
  const path = url.replace(ORIGIN, '').replace(/#.*$/s, '')
  const file = await openFile(path, settings)
  if (typeof file !== 'string') return file
  const route = await openRoute(path, settings)
  if (route !== undefined) return route
  throw notOurs(file)
}

async function openFile(path: string, { audience, baseUrl, keys }: GateSettings): Promise<Grant | string> {
  const below = pathBelow(path, baseUrl)
  if (below === undefined) return `it does not lie below ${baseUrl}`
  const target = parseTarget({ method: 'GET', path: ofAnObject(below) })
  if (target === 'invalid_key') return 'its path is no key'
  if (target === 'ambiguous_token') return 'it has more than one token'
  const { key, token } = target
  if (token === undefined) return 'it has no token'
  const opened = await openToken({ keys, audience, token, key })
  return typeof opened === 'string' ? FOREIGN : opened.grant
}

const FOREIGN = 'its token is none of this mount, or its signing key was removed'

async function openRoute(path: string, { appUrl, audience, keys }: GateSettings): Promise<Grant | undefined> {
  const below = pathBelow(path, appUrl)
  const split = below === undefined ? null : splitRouteToken(below)
  if (split === null || split === undefined) return undefined
  const { target, token } = split
  for (const method of METHODS) {
    const key = routeKey(method, target)
    const opened = await openToken({ keys, audience: routesAudience(audience), token, key })
    if (typeof opened !== 'string') return opened.grant
  }
  return undefined
}

/** The path behind that of a base, which has no slash at its end. */
function pathBelow(path: string, base: string): string | undefined {
  const prefix = base.replace(ORIGIN, '')
  return path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : undefined
}

/** A tree URL may end with its prefix: any object below it is as good. */
function ofAnObject(path: string): string {
  return path.replace(/^[^?]*\/(?=\?|$)/, (prefix) => `${prefix}x`)
}

function notOurs(why: string): LatchkeyError {
  return new LatchkeyError('invalid_option', `url: this is no signed URL of the mount: ${why}`)
}
