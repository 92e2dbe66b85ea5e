import type { Ledger } from '../../contracts/ledger.js'
import type { MultipartStorage } from '../../contracts/multipart-storage.js'
import type { NativeUploads } from '../../contracts/native-uploads.js'
import type { NativePresigning, StorageDriver } from '../../contracts/storage-driver.js'
import type { GateSettings } from '../gate-settings.js'
import type { Stopwatch } from './stopwatch.js'

/** The settings for one request, whose storage and ledger are measured where anybody is told. */
export function timedSettings(settings: GateSettings, stopwatch: Stopwatch): GateSettings {
  const { direct, ledger, serverTiming, storage } = settings
  if (!serverTiming) return settings
  return {
    ...settings,
    storage: new TimedStorage(storage, stopwatch),
    direct: direct && new TimedUploads(direct, stopwatch),
    ledger: ledger && new TimedLedger(ledger, stopwatch),
  }
}

// Classes, as this is on the way of every request: an object of closures takes many times as long to make.

/** A storage whose time is counted. `setVisibility` is not there: the app calls it, and no request does. */
class TimedStorage implements StorageDriver {
  readonly capabilities: StorageDriver['capabilities']
  readonly multipart?: MultipartStorage
  readonly presigning?: NativePresigning
  readonly #storage: StorageDriver
  readonly #stopwatch: Stopwatch

  constructor(storage: StorageDriver, stopwatch: Stopwatch) {
    this.capabilities = storage.capabilities
    if (storage.multipart !== undefined) this.multipart = new TimedMultipart(storage.multipart, stopwatch)
    if (storage.presigning !== undefined) this.presigning = storage.presigning
    this.#storage = storage
    this.#stopwatch = stopwatch
  }

  stat(key: string): ReturnType<StorageDriver['stat']> {
    return this.#stopwatch.time('storage', () => this.#storage.stat(key))
  }

  open(...args: Parameters<StorageDriver['open']>): ReturnType<StorageDriver['open']> {
    return this.#stopwatch.time('storage', () => this.#storage.open(...args))
  }

  write(...args: Parameters<StorageDriver['write']>): ReturnType<StorageDriver['write']> {
    return this.#stopwatch.time('storage', () => this.#storage.write(...args))
  }

  delete(...args: Parameters<StorageDriver['delete']>): ReturnType<StorageDriver['delete']> {
    return this.#stopwatch.time('storage', () => this.#storage.delete(...args))
  }
}

/** Uploads in parts whose time is counted. */
class TimedMultipart implements MultipartStorage {
  readonly #multipart: MultipartStorage
  readonly #stopwatch: Stopwatch

  constructor(multipart: MultipartStorage, stopwatch: Stopwatch) {
    this.#multipart = multipart
    this.#stopwatch = stopwatch
  }

  create(...args: Parameters<MultipartStorage['create']>): ReturnType<MultipartStorage['create']> {
    return this.#stopwatch.time('storage', () => this.#multipart.create(...args))
  }

  writePart(...args: Parameters<MultipartStorage['writePart']>): ReturnType<MultipartStorage['writePart']> {
    return this.#stopwatch.time('storage', () => this.#multipart.writePart(...args))
  }

  listParts(...args: Parameters<MultipartStorage['listParts']>): ReturnType<MultipartStorage['listParts']> {
    return this.#stopwatch.time('storage', () => this.#multipart.listParts(...args))
  }

  complete(...args: Parameters<MultipartStorage['complete']>): ReturnType<MultipartStorage['complete']> {
    return this.#stopwatch.time('storage', () => this.#multipart.complete(...args))
  }

  abort(...args: Parameters<MultipartStorage['abort']>): ReturnType<MultipartStorage['abort']> {
    return this.#stopwatch.time('storage', () => this.#multipart.abort(...args))
  }
}

/** Uploads to the storage itself whose time is counted: what the app asks for them, and not the bytes. */
class TimedUploads implements NativeUploads {
  readonly limits: NativeUploads['limits']
  readonly #uploads: NativeUploads
  readonly #stopwatch: Stopwatch

  constructor(uploads: NativeUploads, stopwatch: Stopwatch) {
    this.limits = uploads.limits
    this.#uploads = uploads
    this.#stopwatch = stopwatch
  }

  begin(...args: Parameters<NativeUploads['begin']>): ReturnType<NativeUploads['begin']> {
    return this.#stopwatch.time('storage', () => this.#uploads.begin(...args))
  }

  sign(...args: Parameters<NativeUploads['sign']>): ReturnType<NativeUploads['sign']> {
    return this.#stopwatch.time('storage', () => this.#uploads.sign(...args))
  }

  listParts(...args: Parameters<NativeUploads['listParts']>): ReturnType<NativeUploads['listParts']> {
    return this.#stopwatch.time('storage', () => this.#uploads.listParts(...args))
  }

  complete(...args: Parameters<NativeUploads['complete']>): ReturnType<NativeUploads['complete']> {
    return this.#stopwatch.time('storage', () => this.#uploads.complete(...args))
  }

  abort(...args: Parameters<NativeUploads['abort']>): ReturnType<NativeUploads['abort']> {
    return this.#stopwatch.time('storage', () => this.#uploads.abort(...args))
  }
}

/** A ledger whose time is counted. */
class TimedLedger implements Ledger {
  readonly #ledger: Ledger
  readonly #stopwatch: Stopwatch

  constructor(ledger: Ledger, stopwatch: Stopwatch) {
    this.#ledger = ledger
    this.#stopwatch = stopwatch
  }

  claim(...args: Parameters<Ledger['claim']>): ReturnType<Ledger['claim']> {
    return this.#stopwatch.time('ledger', () => this.#ledger.claim(...args))
  }

  release(...args: Parameters<Ledger['release']>): ReturnType<Ledger['release']> {
    return this.#stopwatch.time('ledger', () => this.#ledger.release(...args))
  }

  isSpent(...args: Parameters<Ledger['isSpent']>): ReturnType<Ledger['isSpent']> {
    return this.#stopwatch.time('ledger', () => this.#ledger.isSpent(...args))
  }

  revoke(...args: Parameters<Ledger['revoke']>): ReturnType<Ledger['revoke']> {
    return this.#stopwatch.time('ledger', () => this.#ledger.revoke(...args))
  }

  isRevoked(...args: Parameters<Ledger['isRevoked']>): ReturnType<Ledger['isRevoked']> {
    return this.#stopwatch.time('ledger', () => this.#ledger.isRevoked(...args))
  }
}
