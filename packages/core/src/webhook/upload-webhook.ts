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
  /**
   * How many messages may be under way or waiting for another try, 1 to 100 000. Default 1 000. One more is given up at
   * once: what a receiver does not take must not fill the memory.
   */
  readonly maxPending?: number
  /** Told of a message that was given up. Default `console.error`. */
  readonly onFailure?: (error: unknown, upload: CompletedUpload) => void
}

/** Sends a message for each completed upload. */
export interface UploadWebhook {
  /** Starts to deliver and returns at once. */
  deliver(upload: CompletedUpload): void
  /** Resolves when nothing is under way; for a clean shutdown. */
  idle(): Promise<void>
  /** Gives up what is under way, and all that comes later. */
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
  const { attempts = 6, backoff = 5_000, timeout = 15_000, maxPending = 1_000 } = options
  requireWithin('attempts', attempts, 20)
  requireWithin('backoff', backoff, 60_000)
  requireWithin('timeout', timeout, 60_000)
  requireWithin('maxPending', maxPending, 100_000)
  requireUrl(options.url)
  const key = webhookKey(options.secret)
  const underWay = new Set<Promise<void>>()
  const closing = new AbortController()
  const target = { url: options.url, key, attempts, backoff, timeout, signal: closing.signal }

  async function send(upload: CompletedUpload): Promise<void> {
    const id = messageId(upload)
    try {
      if (closing.signal.aborted) throw new Error(`webhook ${id} was not sent: the webhook is closed`)
      if (underWay.size >= maxPending)
        throw new Error(`webhook ${id} was not sent: ${maxPending} are waiting`)
      await post(target, id, messageBody(upload))
    } catch (error) {
      giveUp(error, upload)
    }
  }

  function giveUp(error: unknown, upload: CompletedUpload): void {
    try {
      if (options.onFailure === undefined) console.error(error)
      else options.onFailure(error, upload)
    } catch (thrown) {
      console.error(thrown)
    }
  }

  return {
    deliver(upload) {
      const delivery = send(upload).finally(() => underWay.delete(delivery))
      underWay.add(delivery)
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay)
    },
    close: () => closing.abort(),
  }
}

/** One that `fetch` takes: with a name and password in it, no message would ever go out. */
function requireUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username + url.password !== '') {
    throw new LatchkeyError('invalid_option', 'webhook url must be an http or https URL without credentials')
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
