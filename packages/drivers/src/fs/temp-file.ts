import fs, { type BigIntStats } from 'node:fs'
import { join } from 'node:path'
import { type Bytes, LatchkeyError, type WriteOptions } from '@latchkey/core'
import { BodyReader } from '../body-reader.js'
import { BatchedWriter } from './batched-writer.js'
import { call, run } from './call.js'
import { ownedName, ownOwner } from './owner.js'
import type { FsSettings } from './settings.js'
import { storageError } from './storage-errors.js'
import type { Workspace } from './workspace.js'
import { writeBatches } from './write-batches.js'

// To ask takes a good part of the time of an upload that is smaller.
const ASK_FOR_ROOM_BYTES = 8 * 1024 * 1024

// O_EXCL: nothing that is already there, a link least of all, is ever written into.
const { O_WRONLY, O_CREAT, O_EXCL } = fs.constants

/** A body that has come to its end, in a file of its own. */
export interface TempFile {
  readonly path: string
  readonly file: BigIntStats
  /** Done when the file is closed; where that fails, what was written may not be stored. */
  readonly closed: Promise<void>
  /** Set by whoever renames the file: then there is nothing to remove. */
  moved: boolean
  /** Throws where the write was aborted after its last byte. */
  assertNotAborted(): void
}

/** What a body must keep to. */
export type BodyLimits = Pick<WriteOptions, 'size' | 'signal'> & {
  /** Bytes; more fails as `too_large`. */
  readonly maxBytes?: number
}

/** Where bodies are received, and with which mode. */
export interface TempStore {
  readonly workspace: Pick<Workspace, 'temp'>
  readonly settings: Pick<FsSettings, 'fileMode' | 'fsync'>
}

/** Stores a body beside the objects and hands it to `publish`. Nothing of it is left behind when that is over. */
export async function withTempFile<T>(
  store: TempStore,
  body: Bytes,
  options: BodyLimits,
  publish: (temp: TempFile) => Promise<T>,
): Promise<T> {
  const reader = new BodyReader(body, options.signal, options.maxBytes)
  const path = join(store.workspace.temp, ownedName(await ownOwner()))
  let temp: TempFile | undefined
  let made = false
  try {
    reader.assertNotStopped()
    if (options.size !== undefined && options.size >= ASK_FOR_ROOM_BYTES)
      await assertRoom(store, options.size)
    const fd = await openTemp(path, store.settings.fileMode)
    made = true
    const { file, closed } = await receive(fd, reader, store.settings.fsync)
    // Not by spreading: to that V8 adds each further member by a hidden class of its own, made anew each time.
    temp = { file, closed, path, moved: false, assertNotAborted: () => reader.assertNotStopped() }
    return await publish(temp)
  } finally {
    reader.release()
    await temp?.closed.catch(() => {})
    if (made && !temp?.moved) await run((done) => fs.unlink(path, done)).catch(() => {})
  }
}

async function openTemp(path: string, mode: number): Promise<number> {
  try {
    return await call<number>((done) => fs.open(path, O_WRONLY | O_CREAT | O_EXCL, mode, done))
  } catch (error) {
    throw storageError(error)
  }
}

/** Writes the body and gives what the file has become. The file is closed whatever happens. */
async function receive(
  fd: number,
  reader: BodyReader,
  fsync: boolean,
): Promise<Pick<TempFile, 'file' | 'closed'>> {
  const writer = new BatchedWriter(fd, reader)
  writeBatches.begin()
  try {
    for (let chunk = await reader.next(); chunk !== null; chunk = await reader.next()) {
      const room = writer.push(chunk)
      if (room !== undefined) await room
    }
    await writer.end()
    if (fsync) await run((done) => fs.fsync(fd, done)).catch(rethrow)
    const file = await call<BigIntStats>((done) => fs.fstat(fd, { bigint: true }, done)).catch(rethrow)
    const closed = run((done) => fs.close(fd, done))
    // Whoever publishes waits for it, a little later: the sidecar can be written meanwhile.
    closed.catch(() => {})
    return { file, closed }
  } catch (error) {
    await writer.settle()
    await run((done) => fs.close(fd, done)).catch(() => {})
    throw error
  } finally {
    writeBatches.end()
  }
}

function rethrow(error: unknown): never {
  throw storageError(error)
}

/** Refuses early what cannot fit. What others write meanwhile is not known, so what may fit is tried. */
async function assertRoom(store: TempStore, size: number): Promise<void> {
  const { bavail, bsize } = await call<{ bavail: bigint; bsize: bigint }>((done) =>
    fs.statfs(store.workspace.temp, { bigint: true }, done),
  ).catch(rethrow)
  if (BigInt(size) > bavail * bsize) {
    throw new LatchkeyError(
      'storage_full',
      `The upload announces ${size} bytes; the disk has ${bavail * bsize} left`,
    )
  }
}
