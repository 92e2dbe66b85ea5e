import { uploadNotFound } from '../../upload-errors.js'
import { parseRecord, type UploadRecord } from '../uploads/record-text.js'

/** What is written down of an upload whose bytes go to the bucket. */
export interface DirectRecord extends UploadRecord {
  readonly direct: {
    /** Bytes of the whole. */
    readonly size: number
    /** Names the staged bytes. */
    readonly nonce: string
    /** What a body in one piece is marked with, where the store needs it. */
    readonly mark?: string
    /** Bytes of a part, and the store's own upload. */
    readonly parts?: { readonly size: number; readonly uploadId: string }
  }
}

/** The upload of the store's own that a record names; for any record. */
export function nativeOf(text: string): { readonly nonce: string; readonly uploadId: string } | undefined {
  const { direct }: UploadRecord & Partial<DirectRecord> = parseRecord(text)
  return direct?.parts && { nonce: direct.nonce, uploadId: direct.parts.uploadId }
}

/** Reads a record; fails as `upload_not_found` for an upload that goes through the app. */
export function parseDirect(text: string): DirectRecord {
  const record: UploadRecord & Partial<DirectRecord> = parseRecord(text)
  if (record.direct === undefined) throw uploadNotFound()
  return { ...record, direct: record.direct }
}

/** Bytes of a part; `undefined` where there is no such part. */
export function sizeOfPart({ size, parts }: DirectRecord['direct'], partNumber: number): number | undefined {
  if (parts === undefined) return partNumber === 1 ? size : undefined
  const before = (partNumber - 1) * parts.size
  return partNumber >= 1 && before < size ? Math.min(parts.size, size - before) : undefined
}
