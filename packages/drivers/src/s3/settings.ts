import type { S3Client } from '@aws-sdk/client-s3'
import { LatchkeyError } from '@latchkey/core'
import { assertKnownOptions } from '@latchkey/core/token'
import type { S3Presigner } from './presigning.js'

export const MIB = 1024 * 1024

/** Options of `s3Driver`. */
export interface S3DriverOptions {
  /** Your own client: its region, endpoint, credentials, retries, timeouts and sockets are used as they are. */
  readonly client: S3Client
  /** The bucket. It must exist. */
  readonly bucket: string
  /** What every key in the bucket begins with, at most 512 bytes; the driver sees nothing outside. Default: none. */
  readonly prefix?: string
  /**
   * Bytes of a part of a large upload, 5 MiB to 1 GiB. An upload holds two in memory; what fits one is sent as one
   * request. Larger parts are used where a file would have over 10 000, and where 1200 of an unknown length have been
   * sent. Default 8 MiB.
   */
  readonly partSize?: number
  /**
   * Seconds that the store may be silent, 1 to 3600: without an answer, or without a byte of what is read. Default 60.
   */
  readonly patience?: number
  /**
   * `false` for a store that ignores `If-Match` and `If-None-Match` on writes. Default `true`: tried out on a scratch
   * object before the first write that needs them; where the store ignores them, such writes fail as `invalid_option`.
   */
  readonly conditionalWrites?: boolean
  /**
   * `getSignedUrl` of `@aws-sdk/s3-request-presigner`: lets the core send clients to URLs of the bucket's own, with
   * `delivery: 'redirect'`, or have them send their bytes there, with `uploads: 'direct'`. They are made for the client's endpoint, which must be one that browsers reach. Default: none.
   */
  readonly getSignedUrl?: S3Presigner
}

const KNOWN: Readonly<Record<keyof S3DriverOptions, true>> = {
  client: true,
  bucket: true,
  prefix: true,
  partSize: true,
  patience: true,
  conditionalWrites: true,
  getSignedUrl: true,
}

/** The options with every default filled in. */
export interface S3Settings {
  readonly client: S3Client
  readonly bucket: string
  readonly prefix: string
  readonly partSize: number
  readonly patienceMs: number
  readonly conditionalWrites: boolean
  readonly getSignedUrl: S3Presigner | undefined
}

/** Checks the options and fills in the defaults. */
export function readSettings(options: S3DriverOptions): S3Settings {
  assertKnownOptions(options, KNOWN)
  const { client, bucket, prefix = '', partSize = 8 * MIB, patience = 60, conditionalWrites = true } = options
  const { getSignedUrl } = options
  if (typeof client?.send !== 'function') throw invalid('client must be an S3Client of @aws-sdk/client-s3')
  if (typeof bucket !== 'string' || bucket === '') throw invalid('bucket must be the name of a bucket')
  if (!isPrefix(prefix)) {
    throw invalid('prefix must begin with no slash, and hold no dot segment, `//` or control character')
  }
  if (!Number.isSafeInteger(partSize) || partSize < 5 * MIB || partSize > 1024 * MIB) {
    throw invalid('partSize must be a whole number of bytes, 5 MiB to 1 GiB')
  }
  if (!(patience >= 1 && patience <= 3600)) throw invalid('patience must be 1 to 3600 seconds')
  if (typeof conditionalWrites !== 'boolean') throw invalid('conditionalWrites must be true or false')
  if (getSignedUrl !== undefined && typeof getSignedUrl !== 'function') {
    throw invalid('getSignedUrl must be that of @aws-sdk/s3-request-presigner')
  }
  return { client, bucket, prefix, partSize, patienceMs: patience * 1000, conditionalWrites, getSignedUrl }
}

// A client of an HTTP library below may normalise the path: a prefix with a dot segment would end up elsewhere.
function isPrefix(prefix: unknown): boolean {
  if (typeof prefix !== 'string' || Buffer.byteLength(prefix) > 512) return false
  return !/^\/|\/\/|(?:^|\/)\.\.?(?:\/|$)|\\|\p{Cc}|\p{Surrogate}/u.test(prefix)
}

function invalid(message: string): LatchkeyError {
  return new LatchkeyError('invalid_option', message)
}
