import type { Bytes, ObjectStat, StoredObject } from '@latchkey/core'
import type { Bucket } from './bucket.js'
import { copyVersions } from './copy-versions.js'
import { type NamedVersion, readName, versionGone } from './read-name.js'

/** A version that stays readable: the store copies it to a name of its own, which goes when the object is let go of. */
export async function holdVersion(
  bucket: Bucket,
  stat: ObjectStat,
  version: NamedVersion,
): Promise<StoredObject> {
  const name = bucket.scratchName('held')
  const release = (): Promise<void> => bucket.remove(name).catch(() => {})
  try {
    await copyVersions(bucket, [version], { name, metadata: { visibility: 'private' } })
    // Radosgw 16 copies what is there now, whichever version it was asked for.
    const now = await bucket.head(version.name)
    if (now?.stat.etag !== stat.etag || now.stat.version !== stat.version) throw versionGone()
  } catch (error) {
    await release()
    throw error
  }
  let wasRead = false
  return {
    stat,
    async read(range) {
      wasRead = true
      try {
        return releasing(await readName(bucket, { name, size: version.size }, range), release)
      } catch (error) {
        await release()
        throw error
      }
    },
    async close() {
      if (!wasRead) await release()
    },
  }
}

function releasing(bytes: Bytes, release: () => Promise<void>): Bytes {
  const iterator = bytes[Symbol.asyncIterator]()
  const released = {
    async next() {
      try {
        const result = await iterator.next()
        if (result.done === true) await release()
        return result
      } catch (error) {
        await release()
        throw error
      }
    },
    async return() {
      await iterator.return?.()
      await release()
      return { done: true, value: undefined } as const
    },
  }
  return { [Symbol.asyncIterator]: () => released }
}
