import type { S3Client } from '@aws-sdk/client-s3'
import type { Bucket } from './bucket.js'
import { translated } from './request.js'

/**
 * What only trying tells of a store: found out once for each bucket of a client. Nothing is learnt from a store that was down, nor
 * kept of one that its operator may put right.
 */
export function triedOut<T>(tryOut: (bucket: Bucket) => Promise<T>): (bucket: Bucket) => Promise<T> {
  const known = new WeakMap<S3Client, Map<string, Promise<T>>>()
  return (bucket) => {
    const { client, bucket: name } = bucket.settings
    const byBucket = known.get(client) ?? new Map<string, Promise<T>>()
    known.set(client, byBucket)
    const before = byBucket.get(name)
    if (before !== undefined) return before
    const finding = translated(tryOut(bucket))
    byBucket.set(name, finding)
    finding.catch(() => byBucket.delete(name))
    return finding
  }
}
