import { isTransient, type RetryPolicy, retryDelay, wait } from './backoff.js'
import type { UploadError } from './upload-error.js'

/**
 * Runs the requests of one upload: retries them, stops them for a pause and repeats them after it, and ends them all
 * with the first failure that no retry mends.
 */
export class Control {
  /**
   * Whether all bytes are out and only the server's answer is missing. A pause lets that request end, as to break it off
   * would leave it open whether the file is stored.
   */
  settling = false
  readonly #retries: RetryPolicy
  /** Aborted at a pause and at the end; each run has its own. */
  #run = new AbortController()
  #paused = false
  #aborted = false
  #failure: unknown
  /** Those that wait for the pause to end. */
  #waiting: (() => void)[] = []

  constructor(retries: RetryPolicy) {
    this.#retries = retries
  }

  get paused(): boolean {
    return this.#paused
  }

  pause(): void {
    if (this.#paused || this.#failure !== undefined) return
    this.#paused = true
    if (!this.settling) this.#run.abort()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#goOn()
  }

  /** Ends whatever is under way; the first failure counts. */
  fail(failure: unknown): void {
    this.#failure ??= failure
    this.#paused = false
    this.#run.abort()
    this.#goOn()
  }

  /** Ends the upload for good, whatever else has failed. */
  abort(failure: UploadError): void {
    if (this.#aborted) return
    this.#aborted = true
    this.#failure = failure
    this.fail(failure)
  }

  /** Lets the upload begin anew after a failure; an aborted one stays aborted. */
  recover(): void {
    if (!this.#aborted) this.#failure = undefined
  }

  /** Acts until it succeeds, fails for good, or the upload ends. */
  async attempt<T>(act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    for (let failures = 0; ; ) {
      const { signal } = await this.#running()
      this.settling = false
      try {
        return await act(signal)
      } catch (error) {
        if (this.#failure !== undefined) throw this.#failure
        if (signal.aborted) failures = 0
        else if (isTransient(error) && failures++ < this.#retries.limit) {
          await wait(retryDelay(failures, this.#retries, error.retryAfter), signal)
        } else throw error
      }
    }
  }

  async #running(): Promise<AbortController> {
    while (this.#paused) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    if (this.#failure !== undefined) throw this.#failure
    if (this.#run.signal.aborted) this.#run = new AbortController()
    return this.#run
  }

  #goOn(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const goOn of waiting) goOn()
  }
}
