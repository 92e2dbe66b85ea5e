import { createHash, randomBytes } from 'node:crypto'
import { LatchkeyError, type UploadedPart } from '@latchkey/core'
import { uploadNotFound } from '../../upload-errors.js'
import type { Bucket } from '../bucket.js'
import { translated } from '../request.js'
import { nameOf, requireName, WORKSPACE } from '../s3-key.js'
import { meansAbsent, storeError } from '../store-errors.js'

const ID = /^([0-9a-z]{9})-[\w-]{22}$/
const PART = /^p(\d{5})\.([0-9a-z]{9})\.([\w-]{22})\.(\d+)$/
const RECORD = '0'
const RESULT = '1'
const PARALLEL_REMOVALS = 8

/** A part and where its bytes are. */
export interface SessionPart extends UploadedPart {
  /** Names the bytes. */
  readonly nonce: string
  /** Sorts the parts of one number by their age, in milliseconds. */
  readonly age: number
}

/** What a listing tells of an upload. */
export interface SessionState {
  readonly isOpen: boolean
  readonly isComplete: boolean
  /** In ascending order, the latest of each number. */
  readonly parts: readonly SessionPart[]
  /** Earlier ones of the same numbers. */
  readonly superseded: readonly SessionPart[]
}

/**
 * An upload in parts, as it lies in the bucket: a record, one object for the bytes of each part, and one without bytes
 * whose name lists the part. One listing thus tells all, and a part is published by a request that is over at once.
 * The folder's name holds the upload's end, so that folders sort by it, and a digest of the key.
 */
export class UploadSession {
  readonly id: string
  readonly #bucket: Bucket
  readonly #folder: string
  readonly #expiresAt: number

  private constructor(bucket: Bucket, key: string, id: string, expiresAt: number) {
    const digest = createHash('sha256').update(key).digest('base64url').slice(0, 22)
    this.id = id
    this.#bucket = bucket
    this.#folder = `${uploadsFolder(bucket)}${id}.${digest}/`
    this.#expiresAt = expiresAt
  }

  /** A new upload's, which nothing is stored of yet. */
  static begin(bucket: Bucket, key: string, expiresAt: Date): UploadSession {
    const ms = expiresAt.getTime()
    if (!(ms >= 0)) throw new LatchkeyError('invalid_option', 'expiresAt must be a time')
    const id = `${ms.toString(36).padStart(9, '0')}-${randomBytes(16).toString('base64url')}`
    requireName(bucket.settings.prefix, key)
    return new UploadSession(bucket, key, id, ms)
  }

  /** The one that an id may stand for; `null` for what is no id, or no key. */
  static find(bucket: Bucket, key: string, id: string): UploadSession | null {
    if (nameOf(bucket.settings.prefix, key) === null) return null
    const expiresAt = endOf(id)
    return expiresAt === null ? null : new UploadSession(bucket, key, id, expiresAt)
  }

  /** The one that an id may stand for; where it stands for none, or its time is over, `upload_not_found`. */
  static require(bucket: Bucket, key: string, id: string): UploadSession {
    const session = UploadSession.find(bucket, key, id)
    if (session === null || session.isExpired) throw uploadNotFound()
    return session
  }

  get isExpired(): boolean {
    return this.#expiresAt <= Date.now()
  }

  /** The name of the bytes of a part. */
  dataName(nonce: string): string {
    return dataIn(this.#folder, nonce)
  }

  async state(): Promise<SessionState> {
    const prefix = `${this.#folder}s/`
    let isOpen = false
    let isComplete = false
    const latest = new Map<number, SessionPart>()
    const superseded: SessionPart[] = []
    for await (const { name } of this.#bucket.list(prefix)) {
      const entry = name.slice(prefix.length)
      const part = parsePart(entry)
      if (entry === RECORD) isOpen = true
      else if (entry === RESULT) isComplete = true
      else if (part !== null) {
        const before = latest.get(part.partNumber)
        if (before !== undefined) superseded.push(before)
        latest.set(part.partNumber, part)
      }
    }
    isOpen &&= !isComplete && !this.isExpired
    return { isOpen, isComplete, parts: [...latest.values()], superseded }
  }

  /** As `state`, of an upload that still takes parts. Fails as `upload_not_found`. */
  async openState(): Promise<SessionState> {
    const state = await this.state()
    if (!state.isOpen) throw uploadNotFound()
    return state
  }

  async addPart(part: SessionPart): Promise<void> {
    await this.#put(partEntry(part), Buffer.alloc(0))
  }

  /** Takes a part off the list, then its bytes. */
  async removePart(part: SessionPart): Promise<void> {
    await this.#remove(this.#stateName(partEntry(part)))
    await this.removeData(part.nonce)
  }

  async removeData(nonce: string): Promise<void> {
    await this.#remove(this.dataName(nonce))
  }

  writeRecord(text: string): Promise<void> {
    return this.#put(RECORD, Buffer.from(text))
  }

  /** Fails as `upload_not_found` where the upload ended after the last look at its state; so does `readResult`. */
  readRecord(): Promise<string> {
    return this.#read(RECORD)
  }

  writeResult(text: string): Promise<void> {
    return this.#put(RESULT, Buffer.from(text))
  }

  readResult(): Promise<string> {
    return this.#read(RESULT)
  }

  /** Removes the parts of a completed upload; its result stays. */
  async clear(): Promise<void> {
    const result = this.#stateName(RESULT)
    await this.#remove(this.#stateName(RECORD))
    await this.#removeBelow((name) => name !== result)
  }

  /** Removes everything, the record first: whoever still stores a part then finds the upload gone. */
  async remove(): Promise<void> {
    await this.#remove(this.#stateName(RECORD))
    await this.#removeBelow(() => true)
  }

  async #removeBelow(chosen: (name: string) => boolean): Promise<void> {
    await removeAll(this.#bucket, this.#folder, chosen)
  }

  async #put(entry: string, bytes: Uint8Array): Promise<void> {
    await translated(this.#bucket.put(this.#stateName(entry), bytes, {}))
  }

  async #read(entry: string): Promise<string> {
    try {
      const { Body } = await this.#bucket.get(this.#stateName(entry), {})
      return (await Body?.transformToString()) ?? ''
    } catch (error) {
      throw meansAbsent(error) ? uploadNotFound() : storeError(error)
    }
  }

  async #remove(name: string): Promise<void> {
    await translated(this.#bucket.remove(name))
  }

  #stateName(entry: string): string {
    return `${this.#folder}s/${entry}`
  }
}

/** The folder of all uploads in parts. */
export function uploadsFolder(bucket: Bucket): string {
  return `${bucket.settings.prefix}${WORKSPACE}/uploads/`
}

/** The record of the upload of a folder, by its name in the bucket. */
export function recordIn(folder: string): string {
  return `${folder}s/${RECORD}`
}

/** Where the bytes of a nonce are in the folder of an upload. */
export function dataIn(folder: string, nonce: string): string {
  return `${folder}d/${nonce}`
}

/** When the upload of an id ends, in milliseconds; `null` for what is no id. */
export function endOf(id: string): number | null {
  const text = ID.exec(id)?.[1]
  return text === undefined ? null : Number.parseInt(text, 36)
}

/** Removes what is below a folder, several objects at once. */
export async function removeAll(
  bucket: Bucket,
  folder: string,
  chosen: (name: string) => boolean = () => true,
): Promise<void> {
  const underWay = new Set<Promise<void>>()
  for await (const { name } of bucket.list(folder)) {
    if (!chosen(name)) continue
    const removal = translated(bucket.remove(name)).finally(() => underWay.delete(removal))
    removal.catch(() => {})
    underWay.add(removal)
    if (underWay.size >= PARALLEL_REMOVALS) await Promise.race(underWay)
  }
  await Promise.all(underWay)
}

function partEntry({ partNumber, age, nonce, size }: SessionPart): string {
  return `p${String(partNumber).padStart(5, '0')}.${age.toString(36).padStart(9, '0')}.${nonce}.${size}`
}

function parsePart(entry: string): SessionPart | null {
  const [, number, age = '', nonce = '', size] = PART.exec(entry) ?? []
  if (number === undefined) return null
  return {
    partNumber: Number(number),
    age: Number.parseInt(age, 36),
    nonce,
    size: Number(size),
    etag: `"${nonce}"`,
  }
}
