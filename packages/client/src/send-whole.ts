import type { Job } from './job.js'
import type { Ticket } from './minter.js'
import { send } from './send.js'
import { sendDirect } from './send-direct.js'
import { isUploadError, UploadError } from './upload-error.js'
import { type UploadedFile, uploadedFileOf } from './uploaded-file.js'

/** Uploads a file with one `PUT`, to the app or to its storage. */
export async function sendWhole(job: Job): Promise<UploadedFile> {
  const { control, minter } = job
  let ticket = await control.attempt((signal) => minter.mint({}, signal))
  if (ticket.direct) return sendDirect(job, ticket)
  let isOpen = false
  return control.attempt(async (signal) => {
    try {
      return await put(job, ticket, signal).catch(async (error: unknown) => {
        if (!isUploadError(error, 'expired')) throw error
        ticket = await minter.mint({}, signal)
        return put(job, ticket, signal)
      })
    } catch (error) {
      // The earlier attempt may have made it, and may have been overtaken by somebody else's: there is no telling.
      if (isOpen && isUploadError(error, 'exists', 'precondition_failed')) {
        const { status } = error
        const detail =
          'The answer to an attempt was lost, and the key is taken now: perhaps by this very file.'
        throw new UploadError('unconfirmed', detail, { status, cause: error })
      }
      if (isUploadError(error, 'network', 'bad_response')) isOpen = true
      throw error
    }
  })
}

async function put(
  { file, control, progress }: Job,
  { url, headers }: Ticket,
  signal: AbortSignal,
): Promise<UploadedFile> {
  progress.set(0, 0)
  const onSent = (bytes: number) => {
    control.settling = bytes >= file.size
    progress.set(0, bytes)
  }
  const answer = await send({ method: 'PUT', url, headers, body: file, signal, onSent })
  progress.set(0, file.size)
  return uploadedFileOf(answer, file.size)
}
