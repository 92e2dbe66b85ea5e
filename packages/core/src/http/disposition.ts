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
  return create(download?.filename ?? lastSegment(key), { type })
}

function lastSegment(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1)
}
