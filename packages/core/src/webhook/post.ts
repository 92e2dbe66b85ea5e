import { setTimeout as delay } from 'node:timers/promises'
import { webhookSignature } from './signature.js'

/** Where a message goes and how hard it is tried. */
export interface WebhookTarget {
  readonly url: string
  readonly key: Buffer
  readonly attempts: number
  /** Milliseconds. */
  readonly backoff: number
  /** Milliseconds. */
  readonly timeout: number
  readonly signal: AbortSignal
}

/** Delivers one message, trying again as long as that can help; throws the last failure. */
export async function post(target: WebhookTarget, id: string, body: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const failure = await tryOnce(target, id, body)
    if (failure === undefined) return
    if (!failure.mayPass || attempt === target.attempts || target.signal.aborted) throw failure.error
    await delay(jittered(target.backoff * 2 ** (attempt - 1)), undefined, { signal: target.signal })
  }
}

interface Failure {
  readonly error: Error
  /** Whether another try can succeed. */
  readonly mayPass: boolean
}

async function tryOnce(target: WebhookTarget, id: string, body: string): Promise<Failure | undefined> {
  const timestamp = Math.floor(Date.now() / 1000)
  const aborting = new AbortController()
  const abort = () => aborting.abort()
  const timer = setTimeout(abort, target.timeout)
  target.signal.addEventListener('abort', abort)
  try {
    const response = await fetch(target.url, {
      method: 'POST',
      body,
      // Not followed, and so given up: it would carry the message to a place that the configuration does not name.
      redirect: 'manual',
      signal: aborting.signal,
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': webhookSignature(target.key, id, timestamp, body),
      },
    })
    response.body?.cancel().catch(() => {})
    if (response.ok) return undefined
    const { status } = response
    return {
      error: new Error(`webhook ${id} was answered ${status}`),
      mayPass: status === 408 || status === 429 || status >= 500,
    }
  } catch (cause) {
    return { error: new Error(`webhook ${id} was not delivered`, { cause }), mayPass: true }
  } finally {
    clearTimeout(timer)
    target.signal.removeEventListener('abort', abort)
  }
}

/** Between half of it and the whole, so that many messages do not come back at the same moment. */
function jittered(ms: number): number {
  return ms * (0.5 + Math.random() / 2)
}
