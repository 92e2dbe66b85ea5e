import type { SignedCookie } from '../latchkey.js'
import {
  assertKnownOptions,
  COOKIE_OPTIONS,
  type CookieOptions,
  encodeObjectKey,
  type GrantContext,
  grantFieldsForCookie,
  LatchkeyError,
  mint,
} from '../token/index.js'
import { COOKIE_NAME } from './cookie-tokens.js'
import type { GateSettings } from './gate-settings.js'
import { idOf } from './id-of-fields.js'
import { reportMinted } from './watch/report-minted.js'

/** What browsers keep: name and value together, and each attribute; RFC 6265bis, section 5.6. */
const MOST_BYTES = 4096
const MOST_BYTES_OF_PATH = 1024

/**
 * A cookie that opens every object below a prefix to the browser that has it.
 *
 * @throws LatchkeyError `invalid_key`, `invalid_option`
 */
export async function signCookie(
  prefix: string,
  options: CookieOptions,
  settings: GateSettings,
  context: GrantContext,
): Promise<SignedCookie> {
  assertKnownOptions(options, COOKIE_OPTIONS)
  const fields = grantFieldsForCookie(prefix, options, context)
  const { keys, audience, baseUrl } = settings
  const value = await mint({ keys, audience, scope: { prefix }, fields })
  const url = `${baseUrl}${encodeObjectKey(prefix)}`
  const path = pathOf(url)
  if (COOKIE_NAME.length + value.length > MOST_BYTES || path.length > MOST_BYTES_OF_PATH) {
    throw invalid('the cookie would be larger than browsers keep')
  }
  const domain = domainOf(options, url)
  // At least a second: a cookie of 0 seconds would be removed.
  const maxAge = Math.ceil(fields.expires - context.now / 1000)
  const attributes = siteAndSecure(options, baseUrl)
  reportMinted('cookie', { prefix }, fields, settings)
  return {
    name: COOKIE_NAME,
    value,
    path,
    ...(domain !== undefined && { domain }),
    url,
    expiresAt: new Date(fields.expires * 1000),
    ...idOf(fields),
    header: [
      `${COOKIE_NAME}=${value}`,
      `Path=${path}`,
      ...(domain === undefined ? [] : [`Domain=${domain}`]),
      `Max-Age=${maxAge}`,
      'HttpOnly',
      ...attributes,
    ].join('; '),
  }
}

function pathOf(url: string): string {
  const path = url.startsWith('/') ? url : new URL(url).pathname
  // An encoded prefix has none; `baseUrl` may.
  if (path.includes(';')) throw invalid('baseUrl has a semicolon, which the path of a cookie cannot hold')
  return path
}

function domainOf({ domain }: CookieOptions, url: string): string | undefined {
  if (domain === undefined) return undefined
  const labels = typeof domain === 'string' ? domain.split('.') : []
  if (labels.length === 0 || !labels.every((label) => /^[A-Za-z0-9-]{1,63}$/.test(label))) {
    throw invalid('domain must be a domain, such as example.com')
  }
  const host = url.startsWith('/') ? undefined : new URL(url).hostname
  const named = domain.toLowerCase()
  if (host !== undefined && host !== named && !host.endsWith(`.${named}`)) {
    throw invalid(`domain: ${host}, where baseUrl is, does not belong to ${named}`)
  }
  return named
}

const SAME_SITE = { lax: 'Lax', none: 'None', strict: 'Strict' } as const

function siteAndSecure({ sameSite = 'lax', secure }: CookieOptions, baseUrl: string): readonly string[] {
  if (!Object.hasOwn(SAME_SITE, sameSite)) throw invalid('sameSite must be lax, strict or none')
  if (secure !== undefined && typeof secure !== 'boolean') throw invalid('secure must be true or false')
  const isSecure = secure ?? !baseUrl.startsWith('http:')
  if (isSecure && baseUrl.startsWith('http:')) throw invalid('secure: baseUrl is not reached over HTTPS')
  if (sameSite === 'none' && !isSecure) throw invalid("sameSite: 'none' needs a secure cookie, and so HTTPS")
  return [`SameSite=${SAME_SITE[sameSite]}`, ...(isSecure ? ['Secure'] : [])]
}

function invalid(message: string): LatchkeyError {
  return new LatchkeyError('invalid_option', message)
}
