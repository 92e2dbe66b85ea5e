import type { ObjectStat, WriteResult } from '@latchkey/core'

/** What a completion publishes. */
export interface CompletionRecord {
  /** The file in the upload's folder that becomes the object: gone from there means published. */
  readonly file: string
  readonly result: WriteResult
}

/** `null` for what is no record: a loss of power may leave such a file. */
export function parseRecord(text: string): CompletionRecord | null {
  try {
    const { file, result }: { file?: unknown; result?: { stat?: Stat; created?: unknown } } = JSON.parse(text)
    const stat = result?.stat
    if (typeof file !== 'string' || !/^object\.[\w-]+$/.test(file)) return null
    if (stat === undefined || typeof result?.created !== 'boolean') return null
    const lastModified = new Date(String(stat.lastModified))
    if (!Number.isSafeInteger(stat.size) || typeof stat.etag !== 'string') return null
    if (Number.isNaN(lastModified.getTime())) return null
    return { file, result: { stat: { ...(stat as ObjectStat), lastModified }, created: result.created } }
  } catch {
    return null
  }
}

type Stat = Partial<Record<keyof ObjectStat, unknown>>
