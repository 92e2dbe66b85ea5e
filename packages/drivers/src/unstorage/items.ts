import { LatchkeyError } from '@latchkey/core'
import type { Storage } from 'unstorage'
import { libraryError, meansNoObject } from '../library/library-errors.js'
import type { LocalFolder } from '../library/local-folder.js'
import type { Staging } from '../library/staging.js'

/** Where items are put in one step: by the storage, or as files in the folder of its `fs` driver. */
export type Publisher =
  | { readonly type: 'storage' }
  | { readonly type: 'folder'; readonly folder: LocalFolder; readonly staging: Staging }

/** The calls of an unstorage storage, each with the contract's errors. */
export class Items {
  readonly #storage: Storage
  readonly #publisher: Publisher | undefined

  constructor(storage: Storage, publisher: Publisher | undefined) {
    this.#storage = storage
    this.#publisher = publisher
  }

  /** The bytes of an item; `null` where there is none. */
  async bytes(key: string): Promise<Uint8Array | null> {
    return mapped(async () => {
      if (!(await this.#isInside(key))) return null
      return bytesOf(await this.#storage.getItemRaw<unknown>(key))
    })
  }

  /** What lies beside an item; nothing, where it cannot be read: its object is private then. */
  async meta(key: string): Promise<unknown> {
    return mapped(async () => (await this.#isInside(`${key}$`)) && this.#storage.getItem(`${key}$`))
  }

  /** When an item was changed, where the storage's driver says so. */
  async modified(key: string): Promise<Date | undefined> {
    const { mtime } = await mapped(() => this.#storage.getMeta(key, { nativeOnly: true }))
    const date = mtime === undefined ? undefined : new Date(mtime)
    return date !== undefined && Number.isFinite(date.getTime()) ? date : undefined
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    await this.#put(key, bytes, () => this.#storage.setItemRaw(key, bytes))
  }

  /** By a rename, or else by what the storage has for this kind of value. */
  async #put(key: string, bytes: Uint8Array, set: () => Promise<void>): Promise<void> {
    const publisher = this.#writing()
    await mapped(async () => {
      if (publisher.type === 'storage') return set()
      const { folder, staging } = publisher
      await staging.receive(once(bytes), {}, async (temp) => {
        await folder.publish(key, temp.path, undefined)
        temp.moved = true
      })
    })
  }

  /** `null` removes. */
  async putMeta(key: string, meta: Record<string, unknown> | null): Promise<void> {
    if (meta === null) await this.remove(`${key}$`)
    else {
      const text = JSON.stringify(meta)
      await this.#put(`${key}$`, Buffer.from(text), () => this.#storage.setItem(`${key}$`, text))
    }
  }

  /** The `fs` driver takes an error of the system for its answer, so what it says is not asked. */
  async remove(key: string): Promise<void> {
    await mapped(async () => {
      if (this.#publisher?.type === 'folder') return this.#publisher.folder.remove(key).catch(unlessAbsent)
      await this.#storage.removeItem(key)
      if (await this.#storage.hasItem(key)) {
        throw new LatchkeyError('storage_denied', 'The storage does not remove what it is told to remove')
      }
    })
  }

  async #isInside(key: string): Promise<boolean> {
    return this.#publisher?.type !== 'folder' || this.#publisher.folder.has(key)
  }

  #writing(): Publisher {
    if (this.#publisher !== undefined) return this.#publisher
    throw new LatchkeyError(
      'storage_denied',
      'This driver is read-only: see its options for what uploads need',
    )
  }
}

/** Drivers differ in what they call raw. A text is an item that the app set as one. */
function bytesOf(value: unknown): Uint8Array | null {
  if (value === null || value === undefined) return null
  if (value instanceof Error) throw value
  if (typeof value === 'string') return Buffer.from(value)
  if (value instanceof ArrayBuffer) return new Uint8Array(value)
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  throw new LatchkeyError('storage_unavailable', 'The storage has a value under this key that is no bytes')
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function mapped<T>(task: () => T | Promise<T>): Promise<T> {
  try {
    return await task()
  } catch (error) {
    throw libraryError(error)
  }
}

function unlessAbsent(error: unknown): void {
  if (!meansNoObject(error)) throw error
}
