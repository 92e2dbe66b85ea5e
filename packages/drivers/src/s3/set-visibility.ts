import { setTimeout as sleep } from 'node:timers/promises'
import { LatchkeyError, type Visibility } from '@latchkey/core'
import type { Bucket } from './bucket.js'
import { copyVersions } from './copy-versions.js'
import type { StoredHead } from './metadata.js'

const MOST_TRIES = 20

/** Replaces an object by itself with another visibility, held to the version that was seen. */
export async function setVisibility(bucket: Bucket, name: string, visibility: Visibility): Promise<boolean> {
  for (let turn = 1; ; turn++) {
    const head = await bucket.head(name)
    if (head === null || head.isMarker) return false
    if ((head.stat.visibility ?? 'private') === visibility) return true
    try {
      await flip(bucket, name, head, visibility)
      return true
    } catch (error) {
      if (!(error instanceof LatchkeyError) || error.code !== 'precondition_failed') throw error
      if (turn === MOST_TRIES) {
        const message = `The object was replaced ${MOST_TRIES} times while its visibility was set`
        throw new LatchkeyError('storage_unavailable', message, { cause: error })
      }
      await sleep(Math.random() * 10 * turn)
    }
  }
}

async function flip(bucket: Bucket, name: string, head: StoredHead, visibility: Visibility): Promise<void> {
  const { etag, size, version, contentType, cacheControlMaxAge } = head.stat
  await copyVersions(bucket, [{ name, size, etag }], {
    name,
    metadata: {
      visibility,
      foreign: head.foreign,
      ...(contentType !== undefined && { contentType }),
      ...(cacheControlMaxAge !== undefined && { cacheControlMaxAge }),
    },
    ...(version !== undefined && { version }),
    precondition: { type: 'match', etags: [etag], ...(version !== undefined && { version }) },
  })
}
