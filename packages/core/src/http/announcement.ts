import type { GateRequest } from '../contracts/gate.js'
import { LatchkeyError, parseMediaType } from '../token/index.js'
import { typeFromKey } from './content-type.js'

/** What the header of an upload says of its body. */
export interface Announcement {
  /** Bytes; `undefined` for a chunked body. */
  readonly size: number | undefined
  /** As it will be stored. */
  readonly contentType: string
  /** The type alone, lower case, without parameters. */
  readonly essence: string
}

const LONGEST_TYPE = 255

/** Reads the header of an upload, and refuses what would make its body mean something else than its bytes. */
export function readAnnouncement(request: GateRequest, key: string): Announcement {
  const size = readBodySize(request)
  return { size, ...readContentType(request.header('content-type'), key) }
}

/**
 * The announced type of an upload; without one, the type that the key's extension stands for.
 *
 * @throws LatchkeyError `type_not_allowed` where the field is not one media type
 */
export function readContentType(
  field: string | undefined,
  key: string,
): Pick<Announcement, 'contentType' | 'essence'> {
  const contentType = field === undefined || field === '' ? typeFromKey(key) : field
  const essence = parseMediaType(contentType)
  if (essence === null || contentType.length > LONGEST_TYPE) {
    throw new LatchkeyError('type_not_allowed', 'Content-Type is not one media type')
  }
  return { contentType, essence }
}

/** The announced size of a body, `undefined` for a chunked one, once it is sure that the body is just its bytes. */
export function readBodySize(request: GateRequest): number | undefined {
  refuseCodings(request)
  return announcedSize(request)
}

/** Refuses an upload that a body parser has begun to read: what is left would pass for the whole. */
export function requireUnread(request: GateRequest): void {
  if (!request.bodyAlreadyRead) return
  throw new LatchkeyError(
    'body_already_read',
    'A body parser consumed an upload before Latchkey saw it: mount Latchkey before the body parser, or keep the parser off its path.',
  )
}

function refuseCodings(request: GateRequest): void {
  const transferEncoding = request.header('transfer-encoding')
  if (transferEncoding !== undefined) {
    if (transferEncoding.toLowerCase() !== 'chunked') {
      throw new LatchkeyError('bad_request', 'the only transfer coding that is taken is chunked')
    }
    if (request.header('content-length') !== undefined) {
      throw new LatchkeyError('bad_request', 'Content-Length beside Transfer-Encoding')
    }
  }
  // RFC 9110, section 14.5: taken for a whole body, a part would replace the object.
  if (request.header('content-range') !== undefined) {
    throw new LatchkeyError('bad_request', 'Content-Range on PUT')
  }
  const contentEncoding = request.header('content-encoding')
  if (contentEncoding !== undefined && contentEncoding.toLowerCase() !== 'identity') {
    throw new LatchkeyError('unsupported_encoding', `Content-Encoding ${contentEncoding}`)
  }
}

function announcedSize(request: GateRequest): number | undefined {
  const field = request.header('content-length')
  if (field === undefined) return request.body === null ? 0 : undefined
  const size = Number(field)
  if (!/^\d+$/.test(field) || !Number.isSafeInteger(size)) {
    throw new LatchkeyError('bad_request', 'Content-Length is not a number of bytes')
  }
  return size
}
