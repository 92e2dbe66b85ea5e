import { LatchkeyError } from '../../token/index.js'

/**
 * A 400 whose text the client gets to see. The text must hold nothing that the client sent: it is also put into a
 * page.
 */
export function badRequest(detail: string, cause?: unknown): LatchkeyError {
  return new LatchkeyError('bad_request', detail, { cause })
}
