import { isWorthKeepingFor } from './backoff.js'
import type { Job } from './job.js'
import type { MultipartUploadOptions } from './options.js'
import { fittingPartSize, type Part, partsOf, type StoredPart } from './parts.js'
import { Session } from './session.js'
import { isUploadError } from './upload-error.js'
import { type UploadedFile, uploadedFileOf } from './uploaded-file.js'

/** How an upload that is remembered may turn out to be of no use any more. */
const OF_NO_USE = [
  'upload_not_found',
  'invalid_signature',
  'invalid_part',
  'forbidden',
  'bad_request',
] as const

/** Uploads a file in parts, or goes on with an upload that is remembered; begins anew, once, where it is gone. */
export async function sendInParts(job: Job, multipart: MultipartUploadOptions): Promise<UploadedFile> {
  const { control, progress, remembered } = job
  for (let attempt = 1; ; attempt++) {
    const remains = await recalled(job)
    const session = remains ?? (await begun(job, multipart))
    try {
      const file = await transfer(session, remains !== undefined, job, multipart)
      await remembered.forget()
      return file
    } catch (error) {
      const gone = isUploadError(error, ...(remains === undefined ? [OF_NO_USE[0]] : OF_NO_USE))
      if (!gone && remembered.lasts && isWorthKeepingFor(error)) throw error
      await session.discard()
      await remembered.forget()
      if (!gone || attempt > 1) throw error
      control.recover()
      progress.reset()
    }
  }
}

async function recalled({ minter, remembered }: Job): Promise<Session | undefined> {
  const record = await remembered.recall()
  return record && new Session(record, minter)
}

async function begun({ file, control, minter, remembered }: Job, wished: MultipartUploadOptions) {
  const ticket = await control.attempt((signal) => minter.mint({ multipart: true }, belated(signal)))
  const { key, uploadId } = ticket
  // The storage itself takes parts of the size that was signed.
  const wishedSize = ticket.direct ? ticket.partSize : (wished.partSize ?? ticket.partSize)
  const partSize = fittingPartSize(file.size, wishedSize)
  const session = new Session({ key, uploadId, partSize }, minter, ticket)
  await remembered.remember(session.record)
  return session
}

/** An upload that is aborted while it begins has to be known before it can be removed. */
function belated(signal: AbortSignal): AbortSignal {
  const late = new AbortController()
  signal.addEventListener('abort', () => setTimeout(() => late.abort(), 5000))
  return late.signal
}

async function transfer(
  session: Session,
  resumed: boolean,
  job: Job,
  { concurrency = 4 }: MultipartUploadOptions,
): Promise<UploadedFile> {
  const { file, control, progress, remembered } = job
  const { record } = session
  const all = partsOf(file.size, record.partSize)
  const stored = new Map<number, StoredPart>()
  const known = record.parts ?? (resumed ? await control.attempt((signal) => session.listParts(signal)) : [])
  for (const part of known) stored.set(part.partNumber, part)
  const missing: Part[] = []
  for (const part of all) {
    const size = part.end - part.start
    if (stored.get(part.partNumber)?.size === size) progress.set(part.partNumber, size)
    else missing.push(part)
  }
  await inParallel(missing, concurrency, job, async ({ partNumber, start, end }) => {
    const bytes = file.slice(start, end)
    const etag = await control.attempt((signal) => {
      progress.set(partNumber, 0)
      return session.putPart(partNumber, bytes, signal, (sent) => progress.set(partNumber, sent))
    })
    progress.set(partNumber, bytes.size)
    stored.set(partNumber, { partNumber, etag, size: bytes.size })
  })
  const parts = all.flatMap(({ partNumber }) => stored.get(partNumber) ?? [])
  // Completed but unanswered, the upload has no parts any more: only their list brings the answer again.
  await remembered.remember({ ...record, parts })
  const answer = await control.attempt((signal) => {
    control.settling = true
    return session.complete(parts, signal)
  })
  return uploadedFileOf(answer, file.size)
}

/** Does so many at a time. The first failure ends them all, and is thrown when none is under way any more. */
async function inParallel<Item>(
  items: readonly Item[],
  width: number,
  { control }: Job,
  act: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = items.values()
  const work = async () => {
    for (const item of waiting) await act(item)
  }
  const workers = Array.from({ length: Math.min(width, items.length) }, () =>
    work().catch((error: unknown) => {
      control.fail(error)
      throw error
    }),
  )
  await Promise.allSettled(workers)
  await Promise.all(workers)
}
