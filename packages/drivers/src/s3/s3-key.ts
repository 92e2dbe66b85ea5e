import { assertObjectKey, LatchkeyError } from '@latchkey/core'
import { isObjectKey } from '@latchkey/core/token'

/** The first segment of the keys that are the driver's own. */
export const WORKSPACE = '.latchkey'

const MAX_NAME_BYTES = 1024

/** The name that an object has in the bucket, or `null` where the bucket cannot hold the key. */
export function nameOf(prefix: string, key: string): string | null {
  return isObjectKey(key) && nameDefect(prefix, key) === null ? prefix + key : null
}

/** As `nameOf`, but throws `invalid_key`. */
export function requireName(prefix: string, key: string): string {
  assertObjectKey(key)
  const defect = nameDefect(prefix, key)
  if (defect === null) return prefix + key
  throw new LatchkeyError('invalid_key', `The key cannot be stored in the bucket: ${defect}`)
}

function nameDefect(prefix: string, key: string): string | null {
  if (key === WORKSPACE || key.startsWith(`${WORKSPACE}/`)) return `${WORKSPACE} is the driver's own folder`
  const bytes = Buffer.byteLength(prefix) + Buffer.byteLength(key)
  return bytes > MAX_NAME_BYTES ? `with the prefix it is longer than ${MAX_NAME_BYTES} bytes` : null
}

/** A source of a copy, as S3 wants it: the bucket and the name, escaped. */
export function copySource(bucket: string, name: string): string {
  return `${bucket}/${name.split('/').map(encodeURIComponent).join('/')}`
}
