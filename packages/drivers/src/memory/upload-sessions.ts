import { randomBytes } from 'node:crypto'
import type { CreateMultipartOptions, UploadedPart, WriteResult } from '@latchkey/core'
import { totalOf } from '../part-list.js'
import { uploadNotFound } from '../upload-errors.js'
import type { Room } from './room.js'

/** A part and its bytes. */
export interface StoredPart extends UploadedPart {
  readonly bytes: Uint8Array
}

/** An upload under way, or complete. */
export interface UploadSession {
  readonly key: string
  readonly metadata: Omit<CreateMultipartOptions, 'expiresAt'>
  readonly expiresAt: number
  readonly parts: Map<number, StoredPart>
  result?: WriteResult
}

/** The uploads by id. Nothing here waits, so each call is one step. */
export class UploadSessions {
  readonly #sessions = new Map<string, UploadSession>()
  readonly #room: Room

  constructor(room: Room) {
    this.#room = room
  }

  add(key: string, { expiresAt, ...metadata }: CreateMultipartOptions): string {
    this.#sweep()
    const id = randomBytes(16).toString('base64url')
    this.#sessions.set(id, { key, metadata, expiresAt: expiresAt.getTime(), parts: new Map() })
    return id
  }

  /** The upload, if it still takes parts. Fails as `upload_not_found`. */
  open(key: string, id: string): UploadSession {
    const session = this.#find(key, id)
    if (session.result !== undefined) throw uploadNotFound()
    return session
  }

  /** What the upload was completed with. Fails as `upload_not_found`. */
  resultOf(key: string, id: string): WriteResult | undefined {
    return this.#find(key, id).result
  }

  finish(key: string, id: string, result: WriteResult): void {
    const session = this.open(key, id)
    session.result = result
    this.#clear(session)
  }

  remove(key: string, id: string): void {
    const session = this.#sessions.get(id)
    if (session?.key !== key) return
    this.#sessions.delete(id)
    this.#clear(session)
  }

  #find(key: string, id: string): UploadSession {
    const session = this.#sessions.get(id)
    if (session === undefined || session.key !== key) throw uploadNotFound()
    if (session.expiresAt > Date.now()) return session
    this.remove(key, id)
    throw uploadNotFound()
  }

  #sweep(): void {
    for (const [id, { key, expiresAt }] of this.#sessions) {
      if (expiresAt <= Date.now()) this.remove(key, id)
    }
  }

  #clear({ parts }: UploadSession): void {
    this.#room.give(totalOf(parts.values()))
    parts.clear()
  }
}
