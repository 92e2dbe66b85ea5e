/** A stream of bytes. A Node `Readable` and a Web `ReadableStream` both are one, so neither is ever converted. */
export type Bytes = AsyncIterable<Uint8Array>

/**
 * The name of a chunk's method that gives its memory back to where it came from: `chunk[RELEASE]?.()`. Only whoever knows
 * that nobody will look at the bytes any more, as they are with the system, may call it; to whoever does not call it, such
 * a chunk is like any other.
 */
export const RELEASE: unique symbol = Symbol.for('latchkey.release')

/** A chunk whose memory can be used again. */
export interface ReusableChunk extends Uint8Array {
  /** Does nothing when it is called again. */
  [RELEASE]?(): void
}
