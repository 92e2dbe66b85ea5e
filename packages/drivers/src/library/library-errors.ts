import { LatchkeyError, type LatchkeyErrorCode } from '@latchkey/core'
import { meansAbsent, storageError } from '../fs/storage-errors.js'

const ABSENT_NAMES = new Set(['NoSuchKey', 'NotFound', 'FileWasNotFound'])
const ABSENT_CODES = new Set(['flystorage.file_was_not_found', 'BlobNotFound'])
const KEY_NAMES = new Set(['PathTraversalDetected', 'CorruptedPathDetected'])
const KEY_CODES = new Set(['E_UNALLOWED_CHARACTERS', 'E_INVALID_KEY', 'E_PATH_TRAVERSAL_DETECTED'])
const FULL_NAMES = new Set(['EntityTooLarge', 'QuotaExceeded', 'QuotaExceededException'])
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])
const REDIS_DENIED = /^(?:NOAUTH|NOPERM|WRONGPASS|READONLY)\b/
const LONGEST_CHAIN = 8

/** Whether a library's error means that there is no such object. */
export function meansNoObject(error: unknown): boolean {
  return chainOf(error).some(
    (each) =>
      ABSENT_CODES.has(textOf(each, 'code')) ||
      ABSENT_NAMES.has(nameOf(each)) ||
      (textOf(each, 'syscall') !== '' && !NETWORK.has(textOf(each, 'code')) && meansAbsent(each)) ||
      // A bucket that is missing is no missing object.
      (statusOf(each) === 404 && nameOf(each) !== 'NoSuchBucket'),
  )
}

/**
 * The contract's error for one of a library, by what caused it. What nobody knows is `storage_unavailable`, with the
 * library's error as its cause: no error of a library is the app's.
 */
export function libraryError(error: unknown): LatchkeyError {
  for (const each of chainOf(error)) {
    if (each instanceof LatchkeyError) return each
    const known = knownError(each)
    if (known !== undefined)
      return new LatchkeyError(known[0], `${known[1]} (${messageOf(each)})`, { cause: error })
    const ofSystem = storageError(each)
    if (ofSystem instanceof LatchkeyError) return ofSystem
  }
  return new LatchkeyError('storage_unavailable', `The storage failed (${messageOf(error)})`, {
    cause: error,
  })
}

function knownError(error: unknown): readonly [LatchkeyErrorCode, string] | undefined {
  const name = nameOf(error)
  const code = textOf(error, 'code')
  const status = statusOf(error)
  if (KEY_NAMES.has(name) || KEY_CODES.has(code)) return ['invalid_key', 'The library does not take this key']
  if (NETWORK.has(code)) return ['storage_unavailable', 'The storage cannot be reached: look at its server']
  if (FULL_NAMES.has(name) || status === 507)
    return ['storage_full', 'The storage has no room for this object']
  if (/^OOM\b/.test(messageOf(error))) return ['storage_full', 'Redis is out of memory: raise maxmemory']
  if (status === 401 || status === 403 || REDIS_DENIED.test(messageOf(error))) {
    return ['storage_denied', 'The storage refuses: look at the credentials and their permissions']
  }
  return undefined
}

/** The error and its causes, the outermost first. */
function chainOf(error: unknown): unknown[] {
  const chain: unknown[] = []
  for (let each = error; isObject(each) && chain.length < LONGEST_CHAIN; each = Reflect.get(each, 'cause')) {
    chain.push(each)
  }
  return chain
}

/** The status of an HTTP answer, as the clients of S3, Google Cloud Storage and Azure have it. */
function statusOf(error: unknown): number | undefined {
  if (!isObject(error)) return undefined
  const metadata: unknown = Reflect.get(error, '$metadata')
  const places = [
    isObject(metadata) ? Reflect.get(metadata, 'httpStatusCode') : undefined,
    Reflect.get(error, 'statusCode'),
    Reflect.get(error, 'code'),
  ]
  return places.find((status): status is number => typeof status === 'number')
}

function nameOf(error: unknown): string {
  const name = textOf(error, 'name')
  // Some classes leave the name as it is.
  return name === 'Error' && error instanceof Error ? error.constructor.name : name
}

function messageOf(error: unknown): string {
  return textOf(error, 'message') || String(error)
}

function textOf(error: unknown, property: string): string {
  const value: unknown = isObject(error) ? Reflect.get(error, property) : undefined
  return typeof value === 'string' ? value : ''
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
