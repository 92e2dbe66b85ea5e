import type { UploadedPart } from '../../contracts/multipart-storage.js'
import { LatchkeyError } from '../../token/index.js'

/** A part as a client names it when it completes an upload. */
export type ListedPart = Pick<UploadedPart, 'partNumber' | 'etag'>

const PART = /<Part>((?:(?!<\/?Part>)[\s\S])*)<\/Part>/g
const ROOT =
  /^\s*(?:<\?xml[^<>]*\?>\s*)?<CompleteMultipartUpload(?:\s[^<>]*)?>([\s\S]*)<\/CompleteMultipartUpload>\s*$/
const NUMBER = /<PartNumber>\s*([1-9]\d{0,4})\s*<\/PartNumber>/
const ETAG = /<ETag>([^<]*)<\/ETag>/

/**
 * Reads the list of parts of a completion: JSON `{ parts: [{ partNumber, etag }] }`, or the `CompleteMultipartUpload`
 * document that S3 clients send. ETags may come with or without their quotes.
 *
 * @throws LatchkeyError `invalid_part`
 */
export function parsePartList(text: string): readonly ListedPart[] {
  const parts = text.trimStart().startsWith('<') ? fromXml(text) : fromJson(text)
  if (parts.length === 0) throw invalid('an upload is completed with at least one part')
  for (const [at, part] of parts.entries()) {
    const before = parts[at - 1]
    if (before !== undefined && before.partNumber >= part.partNumber)
      throw invalid('parts must be in ascending order')
  }
  return parts
}

function fromJson(text: string): ListedPart[] {
  const { parts } = parsed(text)
  if (!Array.isArray(parts)) throw invalid('parts must be a list')
  return parts.map((part: unknown) => {
    if (typeof part !== 'object' || part === null || !('partNumber' in part) || !('etag' in part)) {
      throw invalid('a part needs partNumber and etag')
    }
    return listedPart(part.partNumber, part.etag)
  })
}

function parsed(text: string): { readonly parts?: unknown } {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch (cause) {
    throw new LatchkeyError('invalid_part', 'the list of parts is not JSON', { cause })
  }
}

function fromXml(text: string): ListedPart[] {
  const content = ROOT.exec(text)?.[1]
  if (content === undefined || content.replaceAll(PART, '').trim() !== '') {
    throw invalid('the list of parts is not a CompleteMultipartUpload document')
  }
  return [...content.matchAll(PART)].map(([, part = '']) =>
    listedPart(Number(NUMBER.exec(part)?.[1]), unescapeQuotes(ETAG.exec(part)?.[1])),
  )
}

function listedPart(partNumber: unknown, etag: unknown): ListedPart {
  if (
    typeof partNumber !== 'number' ||
    !Number.isSafeInteger(partNumber) ||
    partNumber < 1 ||
    partNumber > 10_000
  ) {
    throw invalid('partNumber must be 1 to 10 000')
  }
  if (typeof etag !== 'string' || !/^(?:"[\x21\x23-\x7e]+"|[\x21\x23-\x7e]+)$/.test(etag)) {
    throw invalid('etag must be that of an uploaded part')
  }
  return { partNumber, etag: etag.startsWith('"') ? etag : `"${etag}"` }
}

function unescapeQuotes(text: string | undefined): string | undefined {
  return text?.trim().replaceAll(/&(?:quot|#34|#x22);/gi, '"')
}

function invalid(message: string): LatchkeyError {
  return new LatchkeyError('invalid_part', message)
}
