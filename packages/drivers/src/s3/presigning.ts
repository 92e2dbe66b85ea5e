import {
  GetObjectCommand,
  type PutObjectCommand,
  type S3Client,
  type UploadPartCommand,
} from '@aws-sdk/client-s3'
import type { NativePresigning } from '@latchkey/core'
import type { Bucket } from './bucket.js'
import { S3DirectUploads } from './direct/index.js'
import { requireName } from './s3-key.js'
import type { UploadSweep } from './uploads/sweep-uploads.js'

/** `getSignedUrl` of `@aws-sdk/s3-request-presigner`. */
export interface S3Presigner {
  (client: S3Client, command: GetObjectCommand, options: S3PresignerOptions): Promise<string>
  (client: S3Client, command: PutObjectCommand, options: S3PresignerOptions): Promise<string>
  (client: S3Client, command: UploadPartCommand, options: S3PresignerOptions): Promise<string>
}

/** How a URL is signed. */
export interface S3PresignerOptions {
  /** Seconds. */
  readonly expiresIn: number
  /** Signed although the presigner would leave them out. */
  readonly signableHeaders?: Set<string>
  /** Sent as headers, and not in the query. */
  readonly unhoistableHeaders?: Set<string>
}

/** URLs of the bucket's own: under which it answers with the headers that the reply would have had, or takes an upload. */
export function presigning(
  getSignedUrl: S3Presigner,
  ofBucket: Bucket,
  sweep: UploadSweep,
): NativePresigning {
  const { bucket, client, prefix } = ofBucket.settings
  return {
    uploads: new S3DirectUploads(ofBucket, getSignedUrl, sweep),
    async readUrl(key, options) {
      const command = new GetObjectCommand({
        Bucket: bucket,
        Key: requireName(prefix, key),
        ResponseContentType: options.contentType,
        ResponseCacheControl: options.cacheControl,
        ResponseContentDisposition: options.contentDisposition,
        ResponseContentEncoding: options.contentEncoding,
        ResponseContentLanguage: options.contentLanguage,
        ResponseExpires: options.expires === undefined ? undefined : new Date(options.expires),
      })
      return getSignedUrl(client, command, { expiresIn: options.expiresIn })
    },
  }
}
