import type { UploadOptions } from './options.js'
import type { StoredPart } from './parts.js'

/** Keeps texts by name; `localStorage` is one. */
export interface UploadStorage {
  getItem(name: string): string | null | Promise<string | null>
  setItem(name: string, value: string): void | Promise<void>
  removeItem(name: string): void | Promise<void>
}

/** What it takes to go on with an upload. The id opens nothing by itself: the server is asked for a URL again. */
export interface UploadRecord {
  readonly key: string
  readonly uploadId: string
  readonly partSize: number
  /** All of them, when the upload was about to be completed. */
  readonly parts?: readonly StoredPart[]
}

/** Uploads under way in this page: another one of the same file is an upload of its own. */
const active = new Set<string>()

/** What is remembered of one upload. Where nothing can be, it forgets at once. */
export class Remembered {
  readonly #storage: UploadStorage | null
  readonly #name: string

  constructor(file: Blob, options: UploadOptions) {
    const name = nameOf(file, options)
    const taken = name === undefined || active.has(name)
    this.#storage = taken ? null : storageOf(options)
    this.#name = name ?? ''
    if (this.lasts) active.add(this.#name)
  }

  /** Whether what is remembered is there later. */
  get lasts(): boolean {
    return this.#storage !== null
  }

  async recall(): Promise<UploadRecord | undefined> {
    try {
      const record: unknown = JSON.parse((await this.#storage?.getItem(this.#name)) ?? 'null')
      return isRecord(record) ? record : undefined
    } catch {
      return undefined
    }
  }

  /** A storage that is full or refuses is no reason for an upload to fail. */
  async remember(record: UploadRecord): Promise<void> {
    try {
      await this.#storage?.setItem(this.#name, JSON.stringify(record))
    } catch {}
  }

  async forget(): Promise<void> {
    try {
      await this.#storage?.removeItem(this.#name)
    } catch {}
  }

  /** The upload is over, for this page. */
  release(): void {
    if (this.lasts) active.delete(this.#name)
  }
}

/** The same file for the same purpose. A `Blob` has neither name nor time to recognize it by. */
export function nameOf(
  file: Blob,
  { endpoint, key, payload, contentType }: UploadOptions,
): string | undefined {
  if (!(file instanceof File)) return undefined
  const { name, size, lastModified, type } = file
  const fingerprint = [endpoint, name, size, lastModified, contentType ?? type, key ?? null, payload ?? null]
  return `latchkey-upload:${JSON.stringify(fingerprint)}`
}

function storageOf({ storage }: UploadOptions): UploadStorage | null {
  if (storage !== undefined) return storage
  try {
    // Newer Nodes have one as well, which warns when it is touched.
    return typeof document === 'object' ? localStorage : null
  } catch {
    return null
  }
}

function isRecord(value: unknown): value is UploadRecord {
  if (typeof value !== 'object' || value === null) return false
  const { key, uploadId, partSize } = value as Partial<Record<keyof UploadRecord, unknown>>
  return (
    typeof key === 'string' &&
    typeof uploadId === 'string' &&
    Number.isSafeInteger(partSize) &&
    Number(partSize) > 0
  )
}
