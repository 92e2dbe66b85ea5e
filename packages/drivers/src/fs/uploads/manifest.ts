import type { CreateMultipartOptions, Visibility } from '@latchkey/core'

/** What the finished object will be stored with, and under which key. Written once and never changed. */
export interface Manifest {
  readonly key: string
  readonly contentType: string
  readonly visibility: Visibility
  readonly cacheControlMaxAge?: number
}

export function manifestText(key: string, options: CreateMultipartOptions): string {
  const { contentType, visibility, cacheControlMaxAge } = options
  return JSON.stringify({ key, contentType, visibility, cacheControlMaxAge } satisfies Record<
    keyof Manifest,
    unknown
  >)
}

/** `null` for what no upload was begun with: a loss of power may leave such a file. */
export function parseManifest(text: string): Manifest | null {
  try {
    const value: unknown = JSON.parse(text)
    return isManifest(value) ? value : null
  } catch {
    return null
  }
}

function isManifest(value: unknown): value is Manifest {
  if (typeof value !== 'object' || value === null) return false
  const { key, contentType, visibility, cacheControlMaxAge } = value as Record<keyof Manifest, unknown>
  return (
    typeof key === 'string' &&
    typeof contentType === 'string' &&
    (visibility === 'private' || visibility === 'public') &&
    (cacheControlMaxAge === undefined || Number.isSafeInteger(cacheControlMaxAge))
  )
}
