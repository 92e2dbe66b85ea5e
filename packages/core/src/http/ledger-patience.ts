/** What the ledger has for an answer. */
const PATIENCE_MS = 2_000

/** What is done about an answer that comes too late, or not at all. */
export interface Afterwards<T> {
  /** Called with an answer that nobody waits for any more. */
  late?(answer: T): unknown
  /** Called when asking fails, in time or later. What was asked for may have been done all the same. */
  failed?(): unknown
}

/** The ledger's answer, if it comes in time. */
export async function ledgerAnswer<T>(ask: () => Promise<T>, afterwards: Afterwards<T> = {}): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const answer = (async () => ask())()
  answer.catch(() => afterwards.failed?.())
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer for ${PATIENCE_MS} ms`))
      answer.then((late) => afterwards.late?.(late)).catch(() => {})
    }, PATIENCE_MS)
  })
  try {
    return await Promise.race([answer, tooLate])
  } finally {
    clearTimeout(timer)
  }
}
