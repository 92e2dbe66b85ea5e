import type { Bytes } from '../contracts/bytes.js'
import { LatchkeyError } from '../token/index.js'
import type { DigestCheck } from './content-digest.js'

/** What a body must keep to. */
export interface BodyLimits {
  /** Bytes; one more is `too_large`. */
  readonly maxSize: number
  /** Bytes announced by `Content-Length`; fewer or more is `length_mismatch`. */
  readonly announced: number | undefined
  readonly digests: readonly DigestCheck[]
}

/**
 * Passes an upload on while it holds to its limits, and throws before the end where it does not, so that a driver
 * never sees the end of a body that must not be stored. Enforced on the bytes that flow, whatever was announced.
 */
export async function* meterBody(body: Bytes, limits: BodyLimits): AsyncGenerator<Uint8Array> {
  const { maxSize, announced, digests } = limits
  let size = 0
  for await (const chunk of received(body)) {
    size += chunk.byteLength
    if (size > maxSize) throw new LatchkeyError('too_large', `the body passes the limit of ${maxSize} bytes`)
    if (announced !== undefined && size > announced) throw lengthMismatch(size, announced)
    for (const digest of digests) digest.update(chunk)
    yield chunk
  }
  if (announced !== undefined && size !== announced) throw lengthMismatch(size, announced)
  for (const digest of digests) digest.finish()
}

async function* received(body: Bytes): AsyncGenerator<Uint8Array> {
  try {
    yield* body
  } catch (cause) {
    throw new LatchkeyError('length_mismatch', 'the upload broke off before its end', { cause })
  }
}

function lengthMismatch(size: number, announced: number): LatchkeyError {
  return new LatchkeyError('length_mismatch', `${announced} bytes were announced, ${size} came`)
}
