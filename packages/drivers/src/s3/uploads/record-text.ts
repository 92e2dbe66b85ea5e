import { type CreateMultipartOptions, LatchkeyError, type WriteResult } from '@latchkey/core'

/** What the finished object is stored with. */
export type UploadRecord = Omit<CreateMultipartOptions, 'expiresAt'>

/** What a result is written as. */
export function resultText({ stat, created }: WriteResult): string {
  return JSON.stringify({ created, stat: { ...stat, lastModified: stat.lastModified.getTime() } })
}

/** Reads what `resultText` wrote. */
export function parseResult(text: string): WriteResult {
  const { created, stat } = parsed<{
    created: boolean
    stat: WriteResult['stat'] & { lastModified: number }
  }>(text)
  return { created, stat: { ...stat, lastModified: new Date(stat.lastModified) } }
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
