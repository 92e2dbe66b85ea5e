import { LatchkeyError } from '@latchkey/core'

/** What a store has for an answer. */
const PATIENCE_MS = 2_000

/** How many questions may be without an answer: what hangs must not pile up in memory. */
const MOST_UNANSWERED = 10_000

/** Asks a store that may be slow or gone, and waits a bounded time. */
export class Patience {
  readonly #store: string
  readonly #explain: (error: unknown) => string | undefined
  #unanswered = 0

  /**
   * @param store its name, for the messages of errors
   * @param explain what to do about an error of the store, where that is known
   */
  constructor(store: string, explain: (error: unknown) => string | undefined = () => undefined) {
    this.#store = store
    this.#explain = explain
  }

  /**
   * @param onGivenUp called where the answer did not come in time; the answer may come yet
   * @throws LatchkeyError `ledger_unavailable`
   */
  async ask<Answer>(
    question: () => Promise<Answer>,
    onGivenUp?: (answer: Promise<Answer>) => void,
  ): Promise<Answer> {
    if (this.#unanswered >= MOST_UNANSWERED) {
      throw this.#failure(new Error(`${MOST_UNANSWERED} questions are without an answer`))
    }
    this.#unanswered++
    const answer = (async () => question())()
    const settled = () => {
      this.#unanswered--
    }
    answer.then(settled, settled)
    let timer: ReturnType<typeof setTimeout> | undefined
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        onGivenUp?.(answer)
        reject(new Error(`no answer for ${PATIENCE_MS} ms`))
      }, PATIENCE_MS)
    })
    try {
      return await Promise.race([answer, tooLate])
    } catch (error) {
      throw this.#failure(error)
    } finally {
      clearTimeout(timer)
    }
  }

  #failure(cause: unknown): LatchkeyError {
    const why = this.#explain(cause) ?? (cause instanceof Error ? cause.message : String(cause))
    return new LatchkeyError('ledger_unavailable', `${this.#store}: ${why}`, { cause })
  }
}
