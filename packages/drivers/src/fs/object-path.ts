import { assertObjectKey, LatchkeyError } from '@latchkey/core'
import { isObjectKey } from '@latchkey/core/token'

const MAX_SEGMENT_BYTES = 255
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i

// What HFS+ leaves out of a comparison: with one of these inside, `.latch\u200ckey` would open `.latchkey`.
const IGNORED_BY_HFS = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g

/** The folder below the root that is the driver's own. */
export const WORKSPACE = '.latchkey'

/** Whether a key or canonical name lies in the driver's own folder on any file system. */
export function isReserved(name: string): boolean {
  const slash = name.indexOf('/')
  const first = slash < 0 ? name : name.slice(0, slash)
  return first.replace(IGNORED_BY_HFS, '').toLowerCase() === WORKSPACE
}

/** Whether a tree of files can hold `key`. */
export function isStorable(key: string): boolean {
  return isObjectKey(key) && pathDefect(key) === null
}

/** Why a tree of files cannot hold a path with slashes, be it a key or not; `null` where it can. */
export function pathDefect(key: string): string | null {
  if (isReserved(key)) return `${WORKSPACE} is the driver's own folder`
  for (const segment of key.split('/')) {
    if (Buffer.byteLength(segment) > MAX_SEGMENT_BYTES) return `a segment is over ${MAX_SEGMENT_BYTES} bytes`
    if (process.platform === 'win32' && isReservedOnWindows(segment))
      return 'Windows keeps such names for itself'
  }
  return null
}

/** Throws `invalid_key` where a tree of files cannot hold `key`. */
export function assertStorable(key: string): void {
  assertObjectKey(key)
  assertPath(key)
}

/** As `assertStorable`, for a path that need not be a key. */
export function assertPath(path: string): void {
  const defect = pathDefect(path)
  if (defect !== null) throw new LatchkeyError('invalid_key', `The key cannot be stored as a file: ${defect}`)
}

/** Exported for its test, which runs on every system. */
export function isReservedOnWindows(segment: string): boolean {
  // A colon opens an alternate data stream; a dot or space at the end is dropped, so two keys would be one file.
  return /[<>:"|?*]/.test(segment) || /[. ]$/.test(segment) || WINDOWS_DEVICE.test(segment)
}
