import type { BigIntStats } from 'node:fs'
import type { ObjectStat } from '@latchkey/core'
import type { Sidecar } from './sidecar.js'

/** What tells one version of a file from every other, on its own file system. */
export type FileIdentity = Pick<BigIntStats, 'ino' | 'size' | 'mtimeNs'>

/** Whether both are the same version. */
export function sameIdentity(a: FileIdentity, b: FileIdentity): boolean {
  return a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs
}

/** Whether a file is the same one as before, on the same device, and nobody has touched it since. */
export function isSameFile(a: BigIntStats, b: BigIntStats): boolean {
  return a.ctimeNs === b.ctimeNs && a.dev === b.dev && sameIdentity(a, b)
}

/** The identity as part of a file name. */
export function identityText(file: FileIdentity): string {
  return `${file.ino}-${file.size}-${file.mtimeNs}`
}

/** The ETag, without its quotes, of a version that came from elsewhere. */
export function foreignVersion(file: BigIntStats): string {
  // ctime is in it because it is the one time that an editor cannot put back.
  return `${identityText(file)}-${file.ctimeNs}`
}

/** The stat of a version. Without a sidecar it came from elsewhere: private, and of no known type. */
export function objectStat(file: BigIntStats, sidecar: Sidecar | null): ObjectStat {
  const size = Number(file.size)
  const lastModified = new Date(Number(file.mtimeNs / 1_000_000n))
  if (sidecar === null) {
    return { size, etag: `"${foreignVersion(file)}"`, lastModified, visibility: 'private' }
  }
  const { version, contentType, visibility, cacheControlMaxAge } = sidecar
  return {
    size,
    etag: `"${version}"`,
    lastModified,
    ...(contentType === undefined ? {} : { contentType }),
    visibility,
    ...(cacheControlMaxAge === undefined ? {} : { cacheControlMaxAge }),
  }
}
