import { create } from 'content-disposition'
import type { Grant } from '../token/index.js'

/**
 * The `Content-Disposition` of a reply (RFC 6266, file names by RFC 8187), or `undefined` for the browser's own
 * choice. What may run script is an attachment unless the signer said inline.
 */
export function contentDisposition(
  key: string,
  download: Grant['download'] | undefined,
  scriptable: boolean,
): string | undefined {
  if (download === undefined && !scriptable) return undefined
  const type = download?.disposition ?? 'attachment'
  return create(fileName(key, download), { type })
}

/** The name that an object is known by to whoever has the link. */
export function fileName(key: string, download: Grant['download']): string {
  return download?.filename ?? lastSegment(key)
}

/** The grant of a download that was confirmed: it is saved, as was asked, unless the signer has it shown. */
export function keptAsFile(grant: Grant): Grant {
  return grant.download === undefined ? { ...grant, download: { disposition: 'attachment' } } : grant
}

function lastSegment(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1)
}
