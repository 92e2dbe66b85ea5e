import type { SignedUrl } from '../../latchkey.js'
import {
  assertKnownOptions,
  type GrantContext,
  grantFieldsForUrl,
  LatchkeyError,
  mint,
} from '../../token/index.js'
import type { GateSettings } from '../gate-settings.js'
import { idOf } from '../id-of-fields.js'
import { reportMinted } from '../watch/report-minted.js'
import { routesAudience } from './audience.js'
import { ROUTE_URL_OPTIONS, type RouteUrlOptions } from './route-options.js'
import { isMethod, routeKey, targetDefect, withRouteToken } from './route-target.js'

/** See `Latchkey.signUrl`. */
export async function signRoute(
  target: string,
  options: RouteUrlOptions,
  settings: GateSettings,
  context: GrantContext,
): Promise<SignedUrl> {
  assertKnownOptions(options, ROUTE_URL_OPTIONS)
  const { method = 'GET', payload, ...validity } = options
  const defect = typeof target === 'string' ? targetDefect(target) : 'it is no text'
  if (defect !== null) {
    throw new LatchkeyError('invalid_option', `${JSON.stringify(target)} cannot be signed: ${defect}`)
  }
  if (typeof method !== 'string' || !isMethod(method)) {
    throw new LatchkeyError('invalid_option', "method must be a request method in upper case, such as 'POST'")
  }
  const fields = {
    // First, for speed, as in `grantFieldsForUrl`; the check above has let no `operations` through that could win.
    ...grantFieldsForUrl({ operations: ['get'], ...validity }, context),
    ...(payload !== undefined && { payload }),
  }
  const { keys, audience, appUrl } = settings
  const scope = { key: routeKey(method, target) }
  const token = await mint({ keys, audience: routesAudience(audience), scope, fields })
  const url = `${appUrl}${withRouteToken(target, token)}`
  const [path = ''] = target.split('?')
  reportMinted('route', { route: `${method} ${path}` }, fields, settings)
  return { url, expiresAt: new Date(fields.expires * 1000), ...idOf(fields) }
}
