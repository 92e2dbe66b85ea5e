import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import type { NativePresigning } from '@latchkey/core'
import { requireName } from './s3-key.js'
import type { S3Settings } from './settings.js'

/** `getSignedUrl` of `@aws-sdk/s3-request-presigner`. */
export type S3Presigner = (
  client: S3Client,
  command: GetObjectCommand,
  options: { readonly expiresIn: number },
) => Promise<string>

/** URLs of the bucket's own, under which it answers with the headers that the reply would have had. */
export function presigning(getSignedUrl: S3Presigner, settings: S3Settings): NativePresigning {
  const { bucket, client, prefix } = settings
  return {
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
