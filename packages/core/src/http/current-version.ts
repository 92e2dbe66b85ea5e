import { LatchkeyError } from '../token/index.js'

const MOST_OPENINGS = 5

/**
 * Answers from the version that is there. Where a storage holds no versions and another one comes between its opening
 * and its reading, `answer` is asked again: the one that came after is as good.
 *
 * @throws LatchkeyError `storage_unavailable` where that goes on
 */
export async function ofCurrentVersion<Reply>(answer: () => Promise<Reply>): Promise<Reply> {
  for (let turn = 1; ; turn++) {
    try {
      return await answer()
    } catch (error) {
      if (!(error instanceof LatchkeyError) || error.code !== 'precondition_failed') throw error
      if (turn < MOST_OPENINGS) continue
      const message = `the object was replaced ${MOST_OPENINGS} times while it was opened`
      throw new LatchkeyError('storage_unavailable', message, { cause: error })
    }
  }
}
