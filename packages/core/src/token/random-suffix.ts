import { encodeBase64url } from './base64url.js'
import { assertObjectKey } from './object-key.js'
import { randomBytes } from './runtime.js'

/** 128 bits, which base64url writes as 22 characters. */
const SUFFIX_BYTES = 16

/**
 * A key nobody can guess: `-` and 22 random characters (128 bits) before the extension of the last segment, so that
 * `avatars/42.png` becomes `avatars/42-V1StGXR8_Z5jdHi6B-myTg.png`.
 *
 * @throws LatchkeyError `invalid_key` where the key is none, or has no 23 bytes left
 */
export function withRandomSuffix(key: string): string {
  assertObjectKey(key)
  const dot = key.lastIndexOf('.')
  // A dot that begins the segment (`.htaccess`) is no extension's.
  const at = dot > key.lastIndexOf('/') + 1 ? dot : key.length
  const suffixed = `${key.slice(0, at)}-${encodeBase64url(randomBytes(SUFFIX_BYTES))}${key.slice(at)}`
  assertObjectKey(suffixed)
  return suffixed
}
