import { createHash } from 'node:crypto'
import type { CompletedUpload } from '../contracts/completed-upload.js'
import { LatchkeyError } from '../token/index.js'
import { post } from './post.js'
import { webhookKey } from './signature.js'

/** What `uploadWebhook` takes. */
export interface UploadWebhookOptions {
  /** Where messages go. It is named here, by the server, and nowhere else. */
  readonly url: string
  /** `whsec_` and the base64 of 24 to 64 random bytes. */
  readonly secret: string
  /** Tries in all, 1 to 20. Default 6, over about ten minutes. */
  readonly attempts?: number
  /** Milliseconds before the second try, 1 to 60 000; doubled each time, with jitter. Default 5 000. */
  readonly backoff?: number
  /** Milliseconds that one try may take, 1 to 60 000. Default 15 000. */
  readonly timeout?: number
  /** Told of a message that was given up. Default `console.error`. */
  readonly onFailure?: (error: unknown, upload: CompletedUpload) => void
}

/** Sends a message for each completed upload. */
export interface UploadWebhook {
  /** Starts to deliver and returns at once. */
  deliver(upload: CompletedUpload): void
  /** Resolves when nothing is under way; for a clean shutdown. */
  idle(): Promise<void>
  /** Gives up what is under way. */
  close(): void
}

/**
 * Tells another service of each completed upload, by the Standard Webhooks scheme: `{ type: 'upload.completed',
 * timestamp, data }`, signed with HMAC-SHA256. A message is tried again after a network error, a timeout, or a status
 * of 408, 429 or 500 and up; each try has the same `webhook-id`, which follows from the stored version, so that a
 * receiver can drop repetitions. Messages wait in memory: they do not outlive the process.
 *
 * @throws LatchkeyError `invalid_option`
 */
export function uploadWebhook(options: UploadWebhookOptions): UploadWebhook {
  const { attempts = 6, backoff = 5_000, timeout = 15_000 } = options
  requireWithin('attempts', attempts, 20)
  requireWithin('backoff', backoff, 60_000)
  requireWithin('timeout', timeout, 60_000)
  if (!URL.canParse(options.url) || !/^https?:$/.test(new URL(options.url).protocol)) {
    throw new LatchkeyError('invalid_option', 'webhook url must be an http or https URL')
  }
  const key = webhookKey(options.secret)
  const onFailure = options.onFailure ?? ((error) => console.error(error))
  const underWay = new Set<Promise<void>>()
  const closing = new AbortController()
  return {
    deliver(upload) {
      const target = { url: options.url, key, attempts, backoff, timeout, signal: closing.signal }
      const delivery = post(target, messageId(upload), messageBody(upload))
        .catch((error: unknown) => onFailure(error, upload))
        .finally(() => underWay.delete(delivery))
      underWay.add(delivery)
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay)
    },
    close: () => closing.abort(),
  }
}

function requireWithin(name: string, value: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < 1 || value > most) {
    throw new LatchkeyError('invalid_option', `webhook ${name} must be a whole number from 1 to ${most}`)
  }
}

function messageId(upload: CompletedUpload): string {
  return `msg_${createHash('sha256').update(`${upload.key}\n${upload.etag}`).digest('base64url').slice(0, 27)}`
}

function messageBody(upload: CompletedUpload): string {
  return JSON.stringify({ type: 'upload.completed', timestamp: new Date().toISOString(), data: upload })
}
