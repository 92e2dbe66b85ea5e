import type { Answer } from './answer.js'
import { badResponse, jsonOf } from './answer.js'

/** A stored file, as the server measured it. */
export interface UploadedFile {
  readonly key: string
  /** Bytes. */
  readonly size: number
  readonly contentType: string
  /** In its quotes. */
  readonly etag: string
  readonly visibility: 'private' | 'public'
}

/**
 * Reads what the server stored.
 *
 * @throws UploadError `bad_response`, also where it stored another number of bytes than were sent
 */
export function uploadedFileOf(answer: Answer, sent: number): UploadedFile {
  const file = jsonOf(answer)
  const { key, size, contentType, etag, visibility } = file
  if (
    typeof key !== 'string' ||
    typeof contentType !== 'string' ||
    typeof etag !== 'string' ||
    (visibility !== 'private' && visibility !== 'public')
  ) {
    throw badResponse('The answer does not say what was stored.', answer.status)
  }
  if (size !== sent) throw badResponse(`The server stored ${size} of ${sent} bytes.`, answer.status)
  return { key, size: sent, contentType, etag, visibility }
}
