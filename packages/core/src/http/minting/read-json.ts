import type { Bytes } from '../../contracts/bytes.js'
import type { GateRequest } from '../../contracts/gate.js'
import { LatchkeyError, parseMediaType } from '../../token/index.js'
import { readBodySize, requireUnread } from '../announcement.js'
import { readLimitedText } from '../limited-text.js'
import { badRequest } from './bad-request.js'
import { guardJson } from './json-guard.js'

/** How a body is read. */
export interface JsonLimits {
  /** The longest body, in bytes. */
  readonly mostBytes: number
  /** Whether an empty body stands for `{}`. */
  readonly mayBeEmpty: boolean
}

/**
 * Reads a body as JSON, and stops reading where it passes its limit. It must be announced as `application/json`, which
 * no form of another site can be; only an empty one may come without a type.
 *
 * @throws LatchkeyError `bad_request`, `unsupported_media_type`, `unsupported_encoding`, `body_already_read`
 */
export async function readJson(
  request: GateRequest,
  body: Bytes | null,
  limits: JsonLimits,
): Promise<unknown> {
  const type = request.header('content-type')
  if (type !== undefined && parseMediaType(type) !== 'application/json') throw notJson()
  if (body !== null) requireUnread(request)
  const { mostBytes, mayBeEmpty } = limits
  const announced = readBodySize(request)
  if (announced !== undefined && announced > mostBytes) throw tooLong(mostBytes)
  const text = await readLimitedText(body, mostBytes)
  if (text === '' && mayBeEmpty) return {}
  if (type === undefined) throw notJson()
  return parseJson(text)
}

/**
 * Parses a text.
 *
 * @throws LatchkeyError `bad_request`
 */
export function parseJson(text: string): unknown {
  try {
    guardJson(text)
    return JSON.parse(text)
  } catch (cause) {
    throw cause instanceof LatchkeyError ? cause : badRequest('The body is not JSON.', cause)
  }
}

function tooLong(mostBytes: number): LatchkeyError {
  return badRequest(`The body is longer than ${mostBytes} bytes.`)
}

function notJson(): LatchkeyError {
  return new LatchkeyError('unsupported_media_type', 'the body is not announced as application/json')
}
