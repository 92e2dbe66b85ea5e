import { type Job, jobOf } from './job.js'
import type { UploadOptions, UploadSource } from './options.js'
import { sendInParts } from './send-in-parts.js'
import { sendWhole } from './send-whole.js'
import { isUploadError, UploadError } from './upload-error.js'
import type { UploadedFile } from './uploaded-file.js'

/** An upload under way. */
export interface UploadTask {
  /** What was stored; rejects with an `UploadError`. */
  readonly done: Promise<UploadedFile>
  readonly paused: boolean
  /**
   * Breaks off what is being sent; parts that are out stay at the server. Once the last byte is out the upload ends
   * anyway.
   */
  pause(): void
  /** Goes on after a pause: with the missing parts, or with the whole file where it goes in one piece. */
  resume(): void
  /**
   * Ends the upload. `done` rejects with `aborted` when the parts that were sent are removed from the server, or at the latest
   * after 10 seconds. A file whose last byte was out may be stored nevertheless.
   */
  abort(): void
}

/** Begins to upload a file. */
export function startUpload(file: UploadSource, options: UploadOptions): UploadTask {
  const { signal } = options
  const job = jobOf(file, options)
  const { control, remembered } = job
  const abort = () => {
    control.abort(new UploadError('aborted', 'The upload was aborted.', { cause: signal?.reason }))
  }
  signal?.addEventListener('abort', abort)
  if (signal?.aborted) abort()
  return {
    done: run(job).finally(() => {
      signal?.removeEventListener('abort', abort)
      remembered.release()
    }),
    get paused() {
      return control.paused
    },
    pause: () => control.pause(),
    resume: () => control.resume(),
    abort,
  }
}

/**
 * Uploads a file: signed by the server that is asked first, in parts where it is large, repeated where it may help.
 *
 * @throws UploadError
 */
export function upload(file: UploadSource, options: UploadOptions): Promise<UploadedFile> {
  return startUpload(file, options).done
}

async function run(job: Job): Promise<UploadedFile> {
  const { control, multipart, onlyInParts } = job
  // Aborted before it began, it leaves alone what is remembered.
  await control.attempt(async () => {})
  if (multipart === undefined) return sendWhole(job)
  try {
    return await sendInParts(job, multipart)
  } catch (error) {
    // How a storage that takes no parts is refused, among others: in one piece it shows what is wrong.
    if (onlyInParts || !isUploadError(error, 'bad_request')) throw error
    return sendWhole(job)
  }
}
