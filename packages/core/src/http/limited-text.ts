import type { Bytes } from '../contracts/bytes.js'
import { LatchkeyError } from '../token/index.js'

/**
 * Reads a small body as UTF-8 text, and stops reading where it passes its limit.
 *
 * @param mostBytes the limit
 * @throws LatchkeyError `bad_request` for a body that is longer, breaks off, or is not UTF-8
 */
export async function readLimitedText(body: Bytes | null, mostBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of body ?? []) {
      size += chunk.byteLength
      if (size > mostBytes) break
      chunks.push(chunk)
    }
    if (size <= mostBytes) return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch (cause) {
    throw new LatchkeyError('bad_request', 'the body broke off or is not UTF-8', { cause })
  }
  throw new LatchkeyError('bad_request', `the body is longer than ${mostBytes} bytes`)
}
