/** A stretch of the file. */
export interface Part {
  /** From 1. */
  readonly partNumber: number
  readonly start: number
  readonly end: number
}

/** A part that the server has. */
export interface StoredPart {
  readonly partNumber: number
  readonly etag: string
  readonly size: number
}

const MOST_PARTS = 10_000

/** The size of a file's parts: as wished, or larger where the file would have more parts than there may be. */
export function fittingPartSize(fileSize: number, wished: number): number {
  return Math.max(wished, Math.ceil(fileSize / MOST_PARTS))
}

/** Cuts a file into parts. */
export function partsOf(fileSize: number, partSize: number): Part[] {
  return Array.from({ length: Math.ceil(fileSize / partSize) }, (_, at) => ({
    partNumber: at + 1,
    start: at * partSize,
    end: Math.min(fileSize, (at + 1) * partSize),
  }))
}
