import { LatchkeyError } from '../../token/index.js'

/**
 * Runs what depends on the app alone. Whatever it throws goes to `onError`, and the client learns nothing of it.
 *
 * @throws LatchkeyError `internal_error`, with what was thrown as its cause
 */
export async function faultOfApp<T>(act: () => T | Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (cause) {
    throw new LatchkeyError('internal_error', 'authorize failed, or returned limits that are out of bounds', {
      cause,
    })
  }
}
