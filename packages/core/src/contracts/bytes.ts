/** A stream of bytes. A Node `Readable` and a Web `ReadableStream` both are one, so neither is ever converted. */
export type Bytes = AsyncIterable<Uint8Array>
