import { Control } from './control.js'
import { Minter } from './minter.js'
import type { MultipartUploadOptions, UploadOptions, UploadSource } from './options.js'
import { Progress } from './progress.js'
import { Remembered } from './remembered.js'

/** One upload, with all that its steps share. */
export interface Job {
  readonly file: Blob
  readonly control: Control
  readonly minter: Minter
  readonly progress: Progress
  readonly remembered: Remembered
  /** `undefined`: in one piece. */
  readonly multipart: MultipartUploadOptions | undefined
  /** Whether one piece will not do. */
  readonly onlyInParts: boolean
}

const MB = 1024 * 1024

/** Sets an upload up; nothing is sent yet. */
export function jobOf(source: UploadSource, options: UploadOptions): Job {
  // A view of shared memory is no part of a Blob, which the constructor says.
  const file = source instanceof Blob ? source : new Blob([source as Uint8Array<ArrayBuffer>])
  const { retries = {}, multipart = {}, onProgress } = options
  const {
    limit = 5,
    baseDelay = 500,
    maxDelay = 30_000,
  } = typeof retries === 'number' ? { limit: retries } : retries
  return {
    file,
    control: new Control({ limit, baseDelay, maxDelay }),
    minter: new Minter(file, options),
    progress: new Progress(file.size, onProgress),
    remembered: new Remembered(file, options),
    multipart: partsFor(file, multipart),
    onlyInParts: multipart === true,
  }
}

function partsFor(
  { size }: Blob,
  multipart: boolean | MultipartUploadOptions,
): MultipartUploadOptions | undefined {
  // No parts make no object.
  if (size === 0) return undefined
  if (typeof multipart === 'boolean') return multipart ? {} : undefined
  return size >= (multipart.threshold ?? 16 * MB) ? multipart : undefined
}
