/** What the ledger has for an answer. */
const PATIENCE_MS = 2_000

/**
 * The ledger's answer, if it comes in time.
 *
 * @param onLate called with an answer that nobody waits for any more
 */
export async function ledgerAnswer<T>(ask: () => Promise<T>, onLate?: (answer: T) => unknown): Promise<T> {
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
