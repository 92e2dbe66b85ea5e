import type { ByteRange, ObjectStat } from '../contracts/storage-driver.js'
import type { Grant } from '../token/index.js'
import { NO_STORE, privateCacheControl, publicCacheControl } from './cache-control.js'
import { mayRunScript, typeFromKey } from './content-type.js'
import { contentDisposition } from './disposition.js'
import type { GateSettings } from './gate-settings.js'

type Headers = Record<string, string>

/** The headers of an object's replies; HEAD and GET take them from here, so they cannot differ. */
export interface ObjectHeaders {
  ofWhole(): Headers
  ofRange(range: ByteRange): Headers
  /** RFC 9110, section 15.4.5: what a 200 would have carried, less what describes the body. */
  ofNotModified(): Headers
}

/** Puts together what a reply about an object carries. `grant` is `null` for a public object asked for without a token. */
export function objectHeaders(
  key: string,
  stat: ObjectStat,
  grant: Grant | null,
  settings: GateSettings,
): ObjectHeaders {
  const acceptRanges: Headers = settings.storage.capabilities.ranges ? { 'accept-ranges': 'bytes' } : {}
  return {
    ofWhole: () => ({ ...described(), ...acceptRanges, 'content-length': String(stat.size) }),
    ofRange: (range) => ({
      ...described(),
      ...acceptRanges,
      'content-length': String(range.last - range.first + 1),
      'content-range': `bytes ${range.first}-${range.last}/${stat.size}`,
    }),
    ofNotModified: validated,
  }

  function validated(): Headers {
    const isPublic = grant === null
    const headers: Headers = {
      etag: stat.etag,
      'last-modified': stat.lastModified.toUTCString(),
      'cache-control': isPublic ? publicCacheControl(stat) : privateCacheControl(grant, stat, settings),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': isPublic ? 'cross-origin' : settings.crossOriginResourcePolicy,
    }
    for (const name of ['cache-control', 'expires', 'x-robots-tag'] as const) {
      const fixed = grant?.responseHeaders?.[name]
      if (fixed !== undefined) headers[name] = fixed
    }
    return uncached(headers)
  }

  /** Downloads are counted, and confirmed, only if each of them comes here, whatever the signer fixed. */
  function uncached(headers: Headers): Headers {
    if (grant === null || (grant.downloadLimits.length === 0 && !grant.confirm)) return headers
    headers['cache-control'] = NO_STORE
    delete headers.expires
    return headers
  }

  function described(): Headers {
    const headers: Headers = {
      'content-type': stat.contentType ?? typeFromKey(key),
      ...validated(),
      ...grant?.responseHeaders,
    }
    uncached(headers)
    const scriptable = mayRunScript(headers['content-type'] ?? '')
    if (scriptable) headers['content-security-policy'] = "sandbox; default-src 'none'"
    const disposition = contentDisposition(key, grant?.download, scriptable)
    if (disposition !== undefined) headers['content-disposition'] = disposition
    return headers
  }
}
