import type { ObjectStat, Visibility } from '@latchkey/core'

const VISIBILITY = 'latchkey-visibility'
const VERSION = 'latchkey-version'
const REMOVED = 'latchkey-removed'
const UNTYPED = 'latchkey-untyped'

/** What S3 gives to an object that was uploaded without a type. */
const NO_TYPE = 'binary/octet-stream'

/** What is stored beside the bytes. */
export interface ObjectMetadata {
  readonly contentType?: string
  readonly visibility: Visibility
  readonly cacheControlMaxAge?: number
  /** What came with an object from elsewhere, and is kept. */
  readonly foreign?: ForeignMetadata
}

/** The fields of an object that this driver does not use, and does not take away. */
interface ForeignMetadata {
  readonly metadata: Readonly<Record<string, string>>
  readonly cacheControl?: string
  readonly contentDisposition?: string
  readonly contentEncoding?: string
  readonly contentLanguage?: string
}

/** The part of an answer to HEAD or GET that tells of an object. */
export interface HeadFields {
  readonly ContentLength?: number | undefined
  readonly ETag?: string | undefined
  readonly LastModified?: Date | undefined
  readonly ContentType?: string | undefined
  readonly CacheControl?: string | undefined
  readonly ContentDisposition?: string | undefined
  readonly ContentEncoding?: string | undefined
  readonly ContentLanguage?: string | undefined
  readonly Metadata?: Readonly<Record<string, string>> | undefined
}

/** An object as the store knows it. */
export interface StoredHead {
  readonly stat: ObjectStat
  /** Drawn for each write; absent for an object from elsewhere. */
  readonly version: string | undefined
  /** Whether it only marks that the key was freed. */
  readonly isMarker: boolean
  readonly foreign: ForeignMetadata
}

/** The fields of a request that stores an object. */
export function metadataFields(metadata: ObjectMetadata, version: string) {
  const { contentType, visibility, cacheControlMaxAge, foreign } = metadata
  const cacheControl =
    foreign?.cacheControl ?? (cacheControlMaxAge === undefined ? undefined : `max-age=${cacheControlMaxAge}`)
  return {
    // Left out, the client would say something else of its own.
    ContentType: contentType ?? NO_TYPE,
    ...(cacheControl !== undefined && { CacheControl: cacheControl }),
    ...(foreign?.contentDisposition !== undefined && { ContentDisposition: foreign.contentDisposition }),
    ...(foreign?.contentEncoding !== undefined && { ContentEncoding: foreign.contentEncoding }),
    ...(foreign?.contentLanguage !== undefined && { ContentLanguage: foreign.contentLanguage }),
    Metadata: {
      ...foreign?.metadata,
      [VISIBILITY]: visibility,
      [VERSION]: version,
      ...(contentType === undefined && { [UNTYPED]: 'true' }),
    },
  }
}

/** The fields of a marker. */
export function markerFields(version: string) {
  return { ContentType: 'application/x-empty', Metadata: { [REMOVED]: 'true', [VERSION]: version } }
}

/** Reads an answer. `size` is that of the whole object, where the answer is about a part. */
export function readHead(fields: HeadFields, size = fields.ContentLength ?? 0): StoredHead {
  const {
    [VISIBILITY]: visibility,
    [VERSION]: version,
    [REMOVED]: removed,
    [UNTYPED]: untyped,
    ...metadata
  } = fields.Metadata ?? {}
  const cacheControlMaxAge = maxAgeOf(fields.CacheControl)
  const { ContentType: type } = fields
  const isOurs = version !== undefined && untyped === undefined
  const known = type !== undefined && type !== '' && (isOurs || type !== NO_TYPE)
  return {
    stat: {
      size,
      etag: quoted(fields.ETag ?? ''),
      ...(version !== undefined && { version }),
      lastModified: fields.LastModified ?? new Date(0),
      ...(known && { contentType: type }),
      ...(visibility === 'public' || visibility === 'private' ? { visibility } : {}),
      ...(cacheControlMaxAge !== undefined && { cacheControlMaxAge }),
    },
    version,
    isMarker: removed === 'true',
    foreign: {
      metadata,
      ...(fields.CacheControl !== undefined && { cacheControl: fields.CacheControl }),
      ...(fields.ContentDisposition !== undefined && { contentDisposition: fields.ContentDisposition }),
      ...(fields.ContentEncoding !== undefined && { contentEncoding: fields.ContentEncoding }),
      ...(fields.ContentLanguage !== undefined && { contentLanguage: fields.ContentLanguage }),
    },
  }
}

/** An ETag in its quotes, whichever way the store spells it. */
export function quoted(etag: string): string {
  return etag.startsWith('"') || etag.startsWith('W/') ? etag : `"${etag}"`
}

/** An ETag without its quotes. */
export function unquoted(etag: string): string {
  return etag.replaceAll('"', '')
}

function maxAgeOf(cacheControl: string | undefined): number | undefined {
  const seconds = /(?:^|[,\s])max-age=(\d{1,10})(?:$|[,\s])/i.exec(cacheControl ?? '')?.[1]
  return seconds === undefined ? undefined : Number(seconds)
}
