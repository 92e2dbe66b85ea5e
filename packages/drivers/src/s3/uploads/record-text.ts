import { type CreateMultipartOptions, LatchkeyError, type WriteResult } from '@latchkey/core'

/** What the finished object is stored with. */
export type UploadRecord = Omit<CreateMultipartOptions, 'expiresAt'>

/** What a completion gave. */
export interface StoredResult extends WriteResult {
  /** Of an upload whose bytes clients sent to the bucket: whether they came in parts. */
  readonly inParts?: boolean
}

/** What a result is written as. */
export function resultText({ stat, created, inParts }: StoredResult): string {
  return JSON.stringify({ created, inParts, stat: { ...stat, lastModified: stat.lastModified.getTime() } })
}

/** Reads what `resultText` wrote. */
export function parseResult(text: string): StoredResult {
  const { stat, ...result } = parsed<
    Omit<StoredResult, 'stat'> & { stat: WriteResult['stat'] & { lastModified: number } }
  >(text)
  return { ...result, stat: { ...stat, lastModified: new Date(stat.lastModified) } }
}

/** Reads the record of an upload. */
export function parseRecord(text: string): UploadRecord {
  return parsed<UploadRecord>(text)
}

function parsed<T>(text: string): T {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new LatchkeyError('storage_unavailable', 'The record of an upload in parts is damaged', { cause })
  }
}
