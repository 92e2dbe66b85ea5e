import type { Readable } from 'node:stream'
import type { ObjectStat, Visibility, WriteOptions } from '@latchkey/core'

/** A finished upload, in a file of its own. */
export interface Finished {
  readonly path: string
  /** Bytes. */
  readonly size: number
}

/** What is stored beside the bytes. */
export type Metadata = Pick<WriteOptions, 'contentType' | 'visibility'>

/**
 * The calls of a storage library that `LibraryDriver` is made of. Errors are the library's own: the driver tells by
 * their causes what they mean.
 */
export interface Library {
  /** Whether the library takes this key, and takes it for itself. */
  canHold(key: string): boolean
  /** `null`, or an error that says so, where there is no object. */
  stat(key: string): Promise<ObjectStat | null>
  /** The bytes; whether there are any may show only with the first. */
  read(key: string, signal: AbortSignal): Promise<Readable>
  /**
   * Whether `read` holds its source until all is read, whatever becomes of the stream: then the rest has to be read and
   * dropped, or each download that is broken off leaves a handle open.
   */
  readonly drains: boolean
  /** Replaces an object in one step. */
  put(key: string, upload: Finished, metadata: Metadata): Promise<void>
  remove(key: string): Promise<void>
  setVisibility?(key: string, visibility: Visibility): Promise<void>
}
