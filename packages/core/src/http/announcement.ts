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
  refuseCodings(request)
  const size = announcedSize(request)
  const field = request.header('content-type')
  const contentType = field === undefined || field === '' ? typeFromKey(key) : field
  const essence = parseMediaType(contentType)
  if (essence === null || contentType.length > LONGEST_TYPE) {
    throw new LatchkeyError('type_not_allowed', 'Content-Type is not one media type')
  }
  return { size, contentType, essence }
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
