import { badResponse, jsonOf } from './answer.js'
import type { Job } from './job.js'
import type { Ticket } from './minter.js'
import { send } from './send.js'
import { Session } from './session.js'
import { type StorageTarget, sendToStorage, targetOf } from './storage-target.js'
import { isUploadError } from './upload-error.js'
import { type UploadedFile, uploadedFileOf } from './uploaded-file.js'

/** Announces a file, sends it to the storage itself with one `PUT`, and has it published. */
export async function sendDirect(job: Job, ticket: Ticket): Promise<UploadedFile> {
  const { file, control, progress } = job
  const { session, target } = await control.attempt((signal) => announced(job, ticket, signal))
  let first: StorageTarget | undefined = target
  const onSent = (bytes: number) => progress.set(0, bytes)
  try {
    await control.attempt(async (signal) => {
      progress.set(0, 0)
      const at = first
      // Another attempt gets another URL: this one may have expired meanwhile.
      first = undefined
      if (at === undefined) await session.putPart(1, file, signal, onSent)
      else await sendToStorage(at, file, signal, onSent)
    })
    progress.set(0, file.size)
    const answer = await control.attempt((signal) => {
      control.settling = true
      return session.complete([], signal)
    })
    return uploadedFileOf(answer, file.size)
  } catch (error) {
    await session.discard()
    throw error
  }
}

async function announced(
  { file, minter }: Job,
  ticket: Ticket,
  signal: AbortSignal,
): Promise<{ readonly session: Session; readonly target: StorageTarget }> {
  const announce = ({ url }: Ticket) => send({ method: 'POST', url, body: minter.file, signal })
  let used = ticket
  const answer = await announce(used).catch(async (error: unknown) => {
    if (!isUploadError(error, 'expired')) throw error
    used = await minter.mint({}, signal)
    return announce(used)
  })
  const { key, uploadId } = jsonOf(answer)
  if (typeof key !== 'string' || typeof uploadId !== 'string') {
    throw badResponse('The answer does not say where to send the file.', answer.status)
  }
  const session = new Session({ key, uploadId, partSize: file.size }, minter, used)
  return { session, target: targetOf(answer) }
}
