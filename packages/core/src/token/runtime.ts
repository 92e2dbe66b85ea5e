// The few globals that every runtime has. They are declared here, inside a module, because this code compiles with
// neither the types of Node nor those of a DOM, and must not clash with either where it is used.
declare const TextEncoder: new () => { encode(text: string): Uint8Array }
declare const TextDecoder: new (
  label: 'utf-8',
  options: { fatal: boolean; ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string }
declare const crypto: { getRandomValues(bytes: Uint8Array): Uint8Array }

const encoder = new TextEncoder()
// ignoreBOM keeps a byte order mark in the text; removing it would give two spellings to one text.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The UTF-8 bytes of a text. A lone surrogate becomes U+FFFD; check with `isWellFormed` where that matters. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text)
}

/** The text of UTF-8 bytes, or `undefined` where they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

/** Bytes of the runtime's cryptographic random generator. */
export function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length))
}
