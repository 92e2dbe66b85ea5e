import type { Bytes } from '../contracts/bytes.js'
import type { SniffedType } from '../latchkey-options.js'
import { LatchkeyError, parseMediaType, typeAllowed } from '../token/index.js'

const HEAD_BYTES = 4100

/** Types whose every file begins with a signature: one that shows none is not of the type. */
const ALWAYS_RECOGNISED = /^(?:image\/(?!svg\+xml$)|audio\/|video\/|font\/|application\/(?:pdf|zip|gzip)$)/

/** What a body's first bytes are held against. */
export interface SniffRule {
  readonly sniff: (head: Uint8Array) => Promise<SniffedType | undefined> | SniffedType | undefined
  /** The essence of the announced type. */
  readonly announced: string
  readonly allowedTypes: readonly string[]
}

/** Passes a body on once its first bytes are known to be of an allowed type; throws `type_not_allowed` before that. */
export async function* sniffBody(body: Bytes, rule: SniffRule): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] | null = []
  let size = 0
  for await (const chunk of body) {
    if (waiting === null) {
      yield chunk
      continue
    }
    waiting.push(chunk)
    size += chunk.byteLength
    if (size < HEAD_BYTES) continue
    await requireAllowed(waiting, rule)
    yield* waiting
    waiting = null
  }
  if (waiting === null) return
  await requireAllowed(waiting, rule)
  yield* waiting
}

async function requireAllowed(chunks: readonly Uint8Array[], rule: SniffRule): Promise<void> {
  const found = await sniffed(firstBytes(chunks), rule)
  if (found === undefined) {
    if (!ALWAYS_RECOGNISED.test(rule.announced)) return
    throw new LatchkeyError('type_not_allowed', `the body does not look like ${rule.announced}`)
  }
  const essence = parseMediaType(found.mime)
  if (essence === null || !typeAllowed(essence, rule.allowedTypes)) {
    throw new LatchkeyError('type_not_allowed', `the body is ${found.mime}`)
  }
}

/** A body that makes the parser throw is not taken for one that it did not recognise. */
async function sniffed(head: Uint8Array, rule: SniffRule): Promise<SniffedType | undefined> {
  try {
    return await rule.sniff(head)
  } catch (cause) {
    throw new LatchkeyError('type_not_allowed', 'the sniff function threw', { cause })
  }
}

function firstBytes(chunks: readonly Uint8Array[]): Uint8Array {
  const head = Buffer.concat(chunks)
  return head.subarray(0, HEAD_BYTES)
}
