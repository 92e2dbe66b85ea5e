import { randomBytes } from 'node:crypto'
import type { ObjectStat, Precondition, Visibility, WriteOptions, WriteResult } from '@latchkey/core'
import { assertDeletable, assertPrecondition } from '../precondition.js'
import type { Version } from './open-version.js'
import type { Room } from './room.js'

/** What is stored beside the bytes, and under which condition. */
export type CommitOptions = Omit<WriteOptions, 'size' | 'signal'>

/** The objects by key. Nothing here waits, so each call is one step. */
export class Objects {
  readonly #versions = new Map<string, Version>()
  readonly #room: Room

  constructor(room: Room) {
    this.#room = room
  }

  get(key: string): Version | undefined {
    return this.#versions.get(key)
  }

  /** Makes bytes the object, if its precondition holds. Their room was taken already, the old object's is given. */
  publish(key: string, bytes: Uint8Array, options: CommitOptions): WriteResult {
    const current = this.#versions.get(key)
    assertPrecondition(options.precondition, current?.stat ?? null)
    const stat = newStat(bytes.byteLength, options)
    this.#versions.set(key, { stat, bytes })
    this.#room.give(current?.bytes.byteLength ?? 0)
    return { stat, created: current === undefined }
  }

  setVisibility(key: string, visibility: Visibility): boolean {
    const current = this.#versions.get(key)
    if (current === undefined) return false
    // Not into the old stat, which whoever holds the object open has as well.
    this.#versions.set(key, { ...current, stat: { ...current.stat, visibility } })
    return true
  }

  delete(key: string, precondition: Precondition | undefined): boolean {
    const current = this.#versions.get(key)
    assertDeletable(precondition, current?.stat ?? null)
    if (current === undefined) return false
    this.#versions.delete(key)
    this.#room.give(current.bytes.byteLength)
    return true
  }
}

function newStat(size: number, options: CommitOptions): ObjectStat {
  const { contentType, visibility, cacheControlMaxAge } = options
  return {
    size,
    etag: `"${randomBytes(12).toString('base64url')}"`,
    lastModified: new Date(),
    contentType,
    visibility,
    ...(cacheControlMaxAge === undefined ? {} : { cacheControlMaxAge }),
  }
}
