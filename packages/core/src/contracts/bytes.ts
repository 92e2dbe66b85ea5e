/**
 * The name of the method that gives the memory of a chunk back to where it came from. To whoever does not call it, a chunk is
 * like any other.
 *
 * - Of a download the chunk has it: `chunk[RELEASE]?.()`. Only whoever knows that nobody will look at the bytes any more, as
 *   they are with the system, may call it.
 * - Of an upload the body has it: `body[RELEASE]?.(chunk)`. A driver calls it when the bytes are stored or copied. A body
 *   that is made of another one, by a storage that also sends it elsewhere or keeps it, does not have it unless it is given it.
 */
export const RELEASE: unique symbol = Symbol.for('latchkey.release')

/** A stream of bytes. A Node `Readable` and a Web `ReadableStream` both are one, so neither is ever converted. */
export interface Bytes extends AsyncIterable<Uint8Array> {
  /** Takes a chunk that this body gave, whole and for good: its length may be 0 afterwards. */
  [RELEASE]?(chunk: Uint8Array): void
}

/** A chunk whose memory can be used again. */
export interface ReusableChunk extends Uint8Array {
  /** Does nothing when it is called again. */
  [RELEASE]?(): void
}
