import type { Ledger } from '../../contracts/ledger.js'
import type { MultipartStorage } from '../../contracts/multipart-storage.js'
import type { StorageDriver } from '../../contracts/storage-driver.js'
import type { GateSettings } from '../gate-settings.js'
import type { Stopwatch } from './stopwatch.js'

/** The settings for one request, whose storage and ledger are measured where anybody is told. */
export function timedSettings(settings: GateSettings, stopwatch: Stopwatch): GateSettings {
  const { ledger, serverTiming, storage } = settings
  if (!serverTiming) return settings
  return {
    ...settings,
    storage: timedStorage(storage, stopwatch),
    ledger: ledger && timedLedger(ledger, stopwatch),
  }
}

/** A storage whose time is counted. `setVisibility` is not there: the app calls it, and no request does. */
function timedStorage(storage: StorageDriver, stopwatch: Stopwatch): StorageDriver {
  const time = <T>(act: () => Promise<T>) => stopwatch.time('storage', act)
  const { capabilities, multipart, presigning } = storage
  return {
    capabilities,
    stat: (key) => time(() => storage.stat(key)),
    open: (key, options) => time(() => storage.open(key, options)),
    write: (key, body, options) => time(() => storage.write(key, body, options)),
    delete: (key, precondition) => time(() => storage.delete(key, precondition)),
    ...(presigning !== undefined && { presigning }),
    ...(multipart !== undefined && { multipart: timedMultipart(multipart, stopwatch) }),
  }
}

function timedMultipart(multipart: MultipartStorage, stopwatch: Stopwatch): MultipartStorage {
  const time = <T>(act: () => Promise<T>) => stopwatch.time('storage', act)
  return {
    create: (key, options) => time(() => multipart.create(key, options)),
    writePart: (key, id, part, body, options) =>
      time(() => multipart.writePart(key, id, part, body, options)),
    listParts: (key, id) => time(() => multipart.listParts(key, id)),
    complete: (key, id, parts, options) => time(() => multipart.complete(key, id, parts, options)),
    abort: (key, id) => time(() => multipart.abort(key, id)),
  }
}

/** A ledger whose time is counted. */
function timedLedger(ledger: Ledger, stopwatch: Stopwatch): Ledger {
  const time = <T>(act: () => Promise<T>) => stopwatch.time('ledger', act)
  return {
    claim: (claim) => time(() => ledger.claim(claim)),
    release: (claim) => time(() => ledger.release(claim)),
    isSpent: (claim) => time(() => ledger.isSpent(claim)),
    revoke: (names, revocation) => time(() => ledger.revoke(names, revocation)),
    isRevoked: (names, issuedAt) => time(() => ledger.isRevoked(names, issuedAt)),
  }
}
