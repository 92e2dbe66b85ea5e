import type { ObjectStat, Visibility } from '@latchkey/core'

/** What is stored of one version beside its bytes, and names them by their digest. */
export interface VersionRecord {
  /** SHA-256 of the bytes, in base64url. */
  readonly digest: string
  /** What the ETag is made of. */
  readonly version: string
  /** Milliseconds. */
  readonly modified: number
  readonly contentType?: string
  readonly visibility: Visibility
  readonly cacheControlMaxAge?: number
}

/** The property of an item's meta that is the driver's; all others are the app's. */
const OWN = 'latchkey'

/** The records in the meta of an item. What is not one was not made here, and says nothing. */
export function recordsIn(meta: unknown): VersionRecord[] {
  const list: unknown = isObject(meta) ? Reflect.get(meta, OWN) : undefined
  return Array.isArray(list) ? list.filter(isRecord) : []
}

/** The meta with other records. */
export function withRecords(meta: unknown, records: readonly VersionRecord[]): Record<string, unknown> {
  return { ...(isObject(meta) ? meta : {}), [OWN]: records }
}

/** What the app itself keeps in the meta; `null` for nothing. */
export function withoutRecords(meta: unknown): Record<string, unknown> | null {
  const { [OWN]: _, ...rest } = withRecords(meta, [])
  return Object.keys(rest).length > 0 ? rest : null
}

/** The stat that a record and its bytes make. */
export function statOf(record: VersionRecord, size: number): ObjectStat {
  const { version, modified, contentType, visibility, cacheControlMaxAge } = record
  return {
    size,
    etag: `"${version}"`,
    lastModified: new Date(modified),
    visibility,
    ...(contentType !== undefined && { contentType }),
    ...(cacheControlMaxAge !== undefined && { cacheControlMaxAge }),
  }
}

function isRecord(value: unknown): value is VersionRecord {
  if (!isObject(value)) return false
  const { digest, version, modified, contentType, visibility, cacheControlMaxAge } = value as Partial<
    Record<keyof VersionRecord, unknown>
  >
  return (
    typeof digest === 'string' &&
    typeof version === 'string' &&
    /^[\w-]+$/.test(version) &&
    typeof modified === 'number' &&
    Number.isFinite(modified) &&
    (contentType === undefined || typeof contentType === 'string') &&
    (visibility === 'public' || visibility === 'private') &&
    (cacheControlMaxAge === undefined || Number.isSafeInteger(cacheControlMaxAge))
  )
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
