import type { ByteRange, ObjectStat } from '../contracts/storage-driver.js'
import type { Grant } from '../token/index.js'
import { NO_STORE, privateCacheControl, publicCacheControl } from './cache-control.js'
import { mayRunScript, typeFromKey } from './content-type.js'
import { contentDisposition } from './disposition.js'
import type { GateSettings } from './gate-settings.js'

type Headers = Record<string, string>

/** What an object's replies are made of. `grant` is `null` for a public object that was asked for without a token. */
export interface Described {
  readonly key: string
  readonly stat: ObjectStat
  readonly grant: Grant | null
  readonly settings: GateSettings
}

// HEAD and GET take their headers from here, so they cannot differ. One object is filled, as copies of it would be a good
// part of what a small download costs.

/** The headers of a reply with the whole object. */
export function wholeHeaders(described: Described): Headers {
  const headers = describe(described)
  headers['content-length'] = String(described.stat.size)
  return headers
}

/** The headers of a 206. */
export function rangeHeaders(described: Described, { first, last }: ByteRange): Headers {
  const headers = describe(described)
  headers['content-length'] = String(last - first + 1)
  headers['content-range'] = `bytes ${first}-${last}/${described.stat.size}`
  return headers
}

/** RFC 9110, section 15.4.5: what a 200 would have carried, less what describes the body. */
export function notModifiedHeaders(described: Described): Headers {
  const headers: Headers = {}
  validate(headers, described)
  return headers
}

const OF_NOT_MODIFIED = ['cache-control', 'expires', 'x-robots-tag'] as const

function validate(headers: Headers, { grant, settings, stat }: Described): void {
  headers.etag = stat.etag
  headers['last-modified'] = stat.lastModified.toUTCString()
  headers['cache-control'] =
    grant === null ? publicCacheControl(stat) : privateCacheControl(grant, stat, settings)
  headers['x-content-type-options'] = 'nosniff'
  headers['referrer-policy'] = 'no-referrer'
  headers['cross-origin-resource-policy'] =
    grant === null ? 'cross-origin' : settings.crossOriginResourcePolicy
  const fixed = grant?.responseHeaders
  if (fixed !== undefined) {
    for (const name of OF_NOT_MODIFIED) if (fixed[name] !== undefined) headers[name] = fixed[name]
  }
  keepUncached(headers, grant)
}

/** Downloads are counted, and confirmed, only if each of them comes here, whatever the signer fixed. */
function keepUncached(headers: Headers, grant: Grant | null): void {
  if (grant === null || (grant.downloadLimits.length === 0 && !grant.confirm)) return
  headers['cache-control'] = NO_STORE
  delete headers.expires
}

function describe(described: Described): Headers {
  const { grant, key, settings, stat } = described
  const headers: Headers = { 'content-type': stat.contentType ?? typeFromKey(key) }
  validate(headers, described)
  if (grant?.responseHeaders !== undefined) {
    Object.assign(headers, grant.responseHeaders)
    keepUncached(headers, grant)
  }
  const scriptable = mayRunScript(headers['content-type'] ?? '')
  if (scriptable) headers['content-security-policy'] = "sandbox; default-src 'none'"
  const disposition = contentDisposition(key, grant?.download, scriptable)
  if (disposition !== undefined) headers['content-disposition'] = disposition
  if (settings.storage.capabilities.ranges) headers['accept-ranges'] = 'bytes'
  return headers
}
