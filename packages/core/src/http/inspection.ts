import { createHash } from 'node:crypto'
import type { CompletedUpload } from '../contracts/completed-upload.js'
import type { SniffedType } from '../latchkey-options.js'
import { LatchkeyError, parseMediaType, typeAllowed } from '../token/index.js'

/** How many of the first bytes are sniffed. */
export const HEAD_BYTES = 4100

/** Types whose every file begins with a signature: one that shows none is not of the type. */
const ALWAYS_RECOGNISED = /^(?:image\/(?!svg\+xml$)|audio\/|video\/|font\/|application\/(?:pdf|zip|gzip)$)/

/** What the bytes of an upload are held against, and whether they are measured. */
export interface InspectionRule {
  /** Absent: nobody looks at the bytes. */
  readonly sniff:
    | ((head: Uint8Array) => Promise<SniffedType | undefined> | SniffedType | undefined)
    | undefined
  /** The essence of the announced type. */
  readonly announced: string
  /** Absent: whatever is found is allowed. */
  readonly allowedTypes: readonly string[] | undefined
  /** Whether a digest is wanted. */
  readonly measured: boolean
}

/** What was found on the bytes. */
export interface Findings {
  readonly sniffedType?: string
  /** Only where it was wanted. */
  readonly digest?: CompletedUpload['digest']
}

/** Looks at an upload's bytes as they pass. Nothing is published before `finish`, so it may throw as late as there. */
export interface Inspection {
  /** Takes the bytes in order; throws `type_not_allowed` as soon as the first ones show it. Absent: nobody looks at them. */
  readonly onBytes?: (chunk: Uint8Array) => void | Promise<void>
  finish(): Promise<Findings>
}

/** Starts to look at an upload. */
export function startInspection(rule: InspectionRule): Inspection {
  const hash = rule.measured ? createHash('sha256') : null
  let head: Uint8Array[] | null = rule.sniff === undefined ? null : []
  let headSize = 0
  let sniffedType: string | undefined
  const onBytes = (chunk: Uint8Array) => {
    hash?.update(chunk)
    if (head === null) return undefined
    // A copy: the chunk goes on, and whoever stores it may give its memory back.
    const bytes = Buffer.from(chunk.subarray(0, HEAD_BYTES - headSize))
    head.push(bytes)
    headSize += bytes.byteLength
    return headSize < HEAD_BYTES ? undefined : judgeHead()
  }
  return {
    ...((rule.measured || rule.sniff !== undefined) && { onBytes }),
    async finish() {
      await judgeHead()
      const digest = hash?.digest()
      return {
        ...(sniffedType !== undefined && { sniffedType }),
        ...(digest !== undefined && {
          digest: {
            algorithm: 'sha-256' as const,
            hex: digest.toString('hex'),
            base64: digest.toString('base64'),
          },
        }),
      }
    },
  }

  async function judgeHead(): Promise<void> {
    if (head === null) return
    const first = Buffer.concat(head)
    head = null
    sniffedType = await requireAllowed(first, rule)
  }
}

async function requireAllowed(head: Uint8Array, rule: InspectionRule): Promise<string | undefined> {
  const found = await sniffed(head, rule)
  if (rule.allowedTypes === undefined) return found?.mime
  if (found === undefined) {
    if (!ALWAYS_RECOGNISED.test(rule.announced)) return undefined
    throw new LatchkeyError('type_not_allowed', `the body does not look like ${rule.announced}`)
  }
  const essence = parseMediaType(found.mime)
  if (essence === null || !typeAllowed(essence, rule.allowedTypes)) {
    throw new LatchkeyError('type_not_allowed', `the body is ${found.mime}`)
  }
  return found.mime
}

/** A body that makes the parser throw is not taken for one that it did not recognise. */
async function sniffed(head: Uint8Array, rule: InspectionRule): Promise<SniffedType | undefined> {
  try {
    return await rule.sniff?.(head)
  } catch (cause) {
    throw new LatchkeyError('type_not_allowed', 'the sniff function threw', { cause })
  }
}
