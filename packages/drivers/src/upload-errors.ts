import { LatchkeyError } from '@latchkey/core'

/** There is no such upload for this key: unknown, expired, aborted, or complete where it is to take more parts. */
export function uploadNotFound(): LatchkeyError {
  return new LatchkeyError('upload_not_found', 'There is no such upload in parts for this key')
}

/** Whether that is what an error says. */
export function isNotFound(error: unknown): boolean {
  return error instanceof LatchkeyError && error.code === 'upload_not_found'
}

/** A part that cannot be stored, or a list of parts that does not fit what was uploaded. */
export function invalidPart(message: string): LatchkeyError {
  return new LatchkeyError('invalid_part', message)
}

/** More bytes than the upload may have. */
export function tooLarge(): LatchkeyError {
  return new LatchkeyError('too_large', 'The upload has more bytes than it may have')
}
