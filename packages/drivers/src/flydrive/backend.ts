import { fileURLToPath } from 'node:url'
import type { Disk } from 'flydrive'

/** What is behind a disk, as far as its driver's options tell. */
export interface Backend {
  /** The folder of an `FSDriver`. */
  readonly location: string | undefined
  /** An object store, which replaces an object in one request and has strong ETags. */
  readonly isBucket: boolean
  /** Whether each object has a visibility of its own. */
  readonly keepsVisibility: boolean
}

/** Looks at the options that the drivers of flydrive were made with. */
export function backendOf({ driver }: Disk): Backend {
  const options: unknown = Reflect.get(driver, 'options')
  const location = pathOf(optionOf(options, 'location'))
  const isBucket = location === undefined && typeof optionOf(options, 'bucket') === 'string'
  const isS3 = typeof Reflect.get(driver, 'publicGrantUri') === 'string'
  // A bucket without ACLs answers with the visibility that the disk was configured with, whatever the object's is.
  const hasAcl = isS3
    ? optionOf(options, 'supportsACL') !== false
    : optionOf(options, 'usingUniformAcl') === false
  return { location, isBucket, keepsVisibility: isBucket ? hasAcl : location === undefined }
}

function optionOf(options: unknown, name: string): unknown {
  return typeof options === 'object' && options !== null ? Reflect.get(options, name) : undefined
}

function pathOf(location: unknown): string | undefined {
  if (location instanceof URL) return fileURLToPath(location)
  return typeof location === 'string' ? location : undefined
}
