import { type Bytes, RELEASE } from '../contracts/bytes.js'
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

/** Who looks at an upload's bytes as they pass. */
export interface BodyWatcher {
  /** Takes the bytes in order, and keeps none of them. What it throws ends the upload. */
  readonly onBytes?: ((chunk: Uint8Array) => void | Promise<void>) | undefined
  /** Awaited before the body ends. What it throws ends the upload. */
  onEnd(): Promise<void>
}

/**
 * Passes an upload on while it holds to its limits, and throws before the end where it does not, so that a driver
 * never sees the end of a body that must not be stored. Enforced on the bytes that flow, whatever was announced.
 */
export function meterBody(body: Bytes, limits: BodyLimits, watcher?: BodyWatcher): Bytes {
  const chunks = meteredChunks(body, limits, watcher)
  return {
    [Symbol.asyncIterator]: () => chunks,
    [RELEASE]: (chunk) => body[RELEASE]?.(chunk),
  }
}

/** One generator for all that is done with a chunk: each more would cost as much again as the rest. */
async function* meteredChunks(
  body: Bytes,
  { announced, digests, maxSize }: BodyLimits,
  watcher: BodyWatcher | undefined,
): AsyncGenerator<Uint8Array> {
  const source = body[Symbol.asyncIterator]()
  let size = 0
  let over = false
  try {
    for (;;) {
      let result: IteratorResult<Uint8Array>
      try {
        result = await source.next()
      } catch (cause) {
        over = true
        throw new LatchkeyError('length_mismatch', 'the upload broke off before its end', { cause })
      }
      if (result.done === true) break
      const chunk = result.value
      size += chunk.byteLength
      if (size > maxSize)
        throw new LatchkeyError('too_large', `the body passes the limit of ${maxSize} bytes`)
      if (announced !== undefined && size > announced) throw lengthMismatch(size, announced)
      for (const digest of digests) digest.update(chunk)
      const judging = watcher?.onBytes?.(chunk)
      if (judging !== undefined) await judging
      yield chunk
    }
    over = true
  } finally {
    if (!over) await source.return?.()
  }
  if (announced !== undefined && size !== announced) throw lengthMismatch(size, announced)
  for (const digest of digests) digest.finish()
  await watcher?.onEnd()
}

function lengthMismatch(size: number, announced: number): LatchkeyError {
  return new LatchkeyError('length_mismatch', `${announced} bytes were announced, ${size} came`)
}
