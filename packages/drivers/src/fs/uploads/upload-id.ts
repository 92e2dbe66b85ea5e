import { randomBytes } from 'node:crypto'
import { LatchkeyError } from '@latchkey/core'

// Lower case only: where a file system ignores case, another spelling would be the same folder.
const ID = /^([0-9a-z]{1,9})-[0-9a-f]{32}$/
const MAX_TIME = 36 ** 9

/**
 * A new upload's id, which is also its folder's name: when it expires, and 128 random bits. With the time in the
 * name nobody has to read anything, or can read anything wrong, to know what may be swept.
 */
export function newUploadId(expiresAt: Date): string {
  const time = expiresAt.getTime()
  if (!(time >= 0 && time < MAX_TIME)) {
    throw new LatchkeyError('invalid_option', 'expiresAt must be a time between 1970 and 5000')
  }
  return `${time.toString(36)}-${randomBytes(16).toString('hex')}`
}

/** When an upload expires, in milliseconds; `null` for what is no id. Only what is one may go into a path. */
export function expiryOf(uploadId: string): number | null {
  const time = typeof uploadId === 'string' ? ID.exec(uploadId)?.[1] : undefined
  return time === undefined ? null : Number.parseInt(time, 36)
}
