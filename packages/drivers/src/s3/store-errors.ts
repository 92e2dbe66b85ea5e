import { LatchkeyError, type LatchkeyErrorCode } from '@latchkey/core'

type Meaning = readonly [code: LatchkeyErrorCode, advice: string]

const THROTTLED: Meaning = ['storage_throttled', 'The store asks for fewer requests']
const DENIED: Meaning = [
  'storage_denied',
  'The store refuses the app: look at its keys, its permissions and the bucket policy. Without s3:ListBucket it answers so for an object that is not there',
]
const FULL: Meaning = ['storage_full', 'The store has no room: raise the quota, or free some']
const NO_BUCKET: Meaning = ['storage_denied', 'There is no such bucket: create it, or correct `bucket`']
const ELSEWHERE: Meaning = [
  'storage_denied',
  'The bucket is in another region: correct the region of the client',
]

// Each text ends up in the operator's log and never at a client, so it says what to do.
const BY_NAME: Readonly<Record<string, Meaning>> = {
  SlowDown: THROTTLED,
  SlowDownRead: THROTTLED,
  SlowDownWrite: THROTTLED,
  Throttling: THROTTLED,
  ThrottlingException: THROTTLED,
  TooManyRequests: THROTTLED,
  TooManyRequestsException: THROTTLED,
  RequestLimitExceeded: THROTTLED,
  BandwidthLimitExceeded: THROTTLED,
  NoSuchBucket: NO_BUCKET,
  InvalidBucketName: NO_BUCKET,
  PermanentRedirect: ELSEWHERE,
  AuthorizationHeaderMalformed: ELSEWHERE,
  IllegalLocationConstraintException: ELSEWHERE,
  CredentialsProviderError: DENIED,
  ExpiredToken: DENIED,
  InvalidAccessKeyId: DENIED,
  RequestTimeTooSkewed: ['storage_denied', 'The clock of this machine is wrong: set it'],
  QuotaExceeded: FULL,
  XMinioStorageFull: FULL,
  EntityTooLarge: ['too_large', 'The store takes no object of this size'],
  KeyTooLongError: ['invalid_key', 'The key is too long for the store'],
  BadDigest: ['storage_unavailable', 'The bytes were damaged on their way to the store'],
}

const BY_STATUS: Readonly<Record<number, Meaning>> = {
  301: ELSEWHERE,
  401: DENIED,
  403: DENIED,
  429: THROTTLED,
  507: FULL,
}

const DOWN: Meaning = ['storage_unavailable', 'The store does not answer as it should']

/** Whether a request of an object found none. */
export function meansAbsent(error: unknown): boolean {
  return statusOf(error) === 404 && nameOf(error) !== 'NoSuchBucket'
}

/** As `meansAbsent`, where the store says what is missing: it may also be an upload in parts. */
export function meansNoKey(error: unknown): boolean {
  return statusOf(error) === 404 && nameOf(error) === 'NoSuchKey'
}

/** Whether the store refused a write for its condition. */
export function meansConditionFailed(error: unknown): boolean {
  return statusOf(error) === 412 || nameOf(error) === 'PreconditionFailed'
}

/** Whether another write was under way, so that the store did not decide the condition. */
export function meansConflict(error: unknown): boolean {
  return statusOf(error) === 409 || nameOf(error) === 'ConditionalRequestConflict'
}

/** The HTTP status that the store answered with; `undefined` for an error that is no answer. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined
  const metadata = error.$metadata
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined
}

/** The contract's error for what a request to the store failed with. */
export function storeError(error: unknown): LatchkeyError {
  if (error instanceof LatchkeyError) return error
  const status = statusOf(error)
  const [code, advice] = BY_NAME[nameOf(error)] ?? (status === undefined ? DOWN : (BY_STATUS[status] ?? DOWN))
  const seen = [nameOf(error), status === undefined ? '' : `HTTP ${status}`, messageOf(error)]
  return new LatchkeyError(code, `${advice} (${seen.filter((text) => text !== '').join(', ')})`, {
    cause: error,
  })
}

/** What a store says to one whose condition the request cannot be held to. */
export function noBucket(bucket: string): LatchkeyError {
  return new LatchkeyError('storage_denied', `There is no bucket ${bucket}: create it, or correct \`bucket\``)
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : ''
}

function messageOf(error: unknown): string {
  return error instanceof Error && error.message !== 'UnknownError' ? error.message : ''
}
