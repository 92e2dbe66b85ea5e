import { LatchkeyError } from '@latchkey/core'

/** Options of every driver over a storage library. */
export interface LibraryOptions {
  /**
   * The app's word that this process alone writes to the storage, and through this driver alone. Then create-only and
   * `If-Match` hold, by a lock in this process. If it is not so, they do not: two processes may both create one object,
   * and the later replaces the earlier. Default `false`: uploads need `allowOverwrite` or `addRandomSuffix`.
   */
  readonly soleWriter?: boolean
  /**
   * The app's word that a write of the storage replaces an object in one step, and leaves the old one where it fails, as
   * S3, Google Cloud Storage, Azure and Redis do. Default `false`: the driver is read-only where it does not know better.
   */
  readonly atomicWrites?: boolean
}

/** Checks that the options are known ones, and booleans where they must be. */
export function assertOptions(options: object, known: Readonly<Record<string, 'boolean' | 'other'>>): void {
  for (const [name, value] of Object.entries(options)) {
    const kind = known[name]
    if (kind === undefined) throw invalid(`There is no option ${name}`)
    if (kind === 'boolean' && value !== undefined && typeof value !== 'boolean') {
      throw invalid(`${name} must be true or false`)
    }
  }
}

export function invalid(message: string): LatchkeyError {
  return new LatchkeyError('invalid_option', message)
}
