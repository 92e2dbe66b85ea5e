import type { GateReply, GateRequest } from '../contracts/gate.js'
import type { Ledger } from '../contracts/ledger.js'
import { type DownloadLimit, type GrantFields, LatchkeyError } from '../token/index.js'
import type { GateSettings } from './gate-settings.js'
import { reportFault } from './report.js'

/** What the ledger has for an answer. */
const PATIENCE_MS = 2_000

/** A download that was counted. */
export interface CountedDownload {
  /** Gives it back, as nothing of it was sent. Only the first call does anything. */
  release(): Promise<void>
}

/**
 * Counts a download against every limit of its token, or against none.
 *
 * @throws LatchkeyError `exhausted`; `ledger_unavailable` where the ledger fails, is slow, or is none
 */
export async function countDownload(
  limits: readonly DownloadLimit[],
  request: GateRequest,
  settings: GateSettings,
): Promise<CountedDownload> {
  const ledger = requiredLedger(settings)
  const claimed: string[] = []
  const download: CountedDownload = {
    async release() {
      const ids = claimed.splice(0)
      // A use that is not given back is lost to the holder, which is the safe side.
      const giveBack = async (id: string) =>
        inTime(() => ledger.release(id)).catch((error: unknown) => reportFault(error, request, settings))
      await Promise.all(ids.map(giveBack))
    },
  }
  try {
    for (const limit of limits) {
      await claim(limit, ledger)
      claimed.push(limit.id)
    }
  } catch (error) {
    await download.release()
    throw error
  }
  return download
}

/**
 * Refuses a token whose downloads are used up, for a request that costs none: it must learn nothing more either.
 *
 * @throws LatchkeyError as `countDownload`
 */
export async function requireDownloadsLeft(
  limits: readonly DownloadLimit[],
  request: GateRequest,
  settings: GateSettings,
): Promise<void> {
  const ledger = requiredLedger(settings)
  if (ledger.isSpent === undefined) {
    await (await countDownload(limits, request, settings)).release()
    return
  }
  for (const { id, limit } of limits) {
    const spent = await inTime(async () => ledger.isSpent?.(id, limit)).catch(unavailable)
    if (spent !== false) throw exhausted()
  }
}

/** The body of a counted download, which is given back where nobody takes the first chunk, or there is none to take. */
export function countedBody(
  body: NonNullable<GateReply['body']>,
  download: CountedDownload,
): AsyncIterable<Uint8Array> {
  const bytes = typeof body === 'string' || body instanceof Uint8Array ? once(Buffer.from(body)) : body
  return {
    [Symbol.asyncIterator]() {
      const iterator = bytes[Symbol.asyncIterator]()
      let begun = false
      return {
        async next() {
          if (begun) return iterator.next()
          try {
            const first = await iterator.next()
            begun = true
            return first
          } catch (error) {
            await download.release()
            throw error
          }
        },
        async return() {
          if (!begun) await download.release()
          await iterator.return?.()
          return { done: true, value: undefined }
        },
      }
    },
  }
}

/** Whether a browser asks ahead of time, for a person who may never follow the link. */
export function isPrefetch(request: GateRequest): boolean {
  return ['sec-purpose', 'purpose'].some((name) => /(?:^|[\s,])prefetch\b/i.test(request.header(name) ?? ''))
}

/**
 * Refuses to mint a limit that nobody would count.
 *
 * @throws LatchkeyError `invalid_option`
 */
export function requireCountable({ maxDownloads }: GrantFields, { ledger }: GateSettings): void {
  if (maxDownloads !== undefined && ledger === undefined) {
    throw new LatchkeyError('invalid_option', 'maxDownloads needs a ledger; give createLatchkey one')
  }
}

function requiredLedger({ ledger }: GateSettings): Ledger {
  if (ledger !== undefined) return ledger
  throw new LatchkeyError(
    'ledger_unavailable',
    'a token limits its downloads, and there is no ledger to count them',
  )
}

async function claim({ id, limit, expiresAt }: DownloadLimit, ledger: Ledger): Promise<void> {
  // One that succeeds after all is for a download that was refused.
  const undo = (late: boolean) => (late ? ledger.release(id) : undefined)
  const claimed = await inTime(() => ledger.claim(id, limit, expiresAt), undo).catch(unavailable)
  if (claimed !== true) throw exhausted()
}

function exhausted(): LatchkeyError {
  return new LatchkeyError('exhausted', 'the downloads of the token are used up')
}

function unavailable(cause: unknown): never {
  throw new LatchkeyError('ledger_unavailable', 'the ledger gave no answer', { cause })
}

async function inTime<T>(ask: () => Promise<T>, onLate?: (answer: T) => unknown): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const answer = (async () => ask())()
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer for ${PATIENCE_MS} ms`))
      answer.then(onLate).catch(() => {})
    }, PATIENCE_MS)
  })
  try {
    return await Promise.race([answer, tooLate])
  } finally {
    clearTimeout(timer)
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.byteLength > 0) yield bytes
}
