import fs, { type BigIntStats } from 'node:fs'
import { join } from 'node:path'
import type { WriteResult } from '@latchkey/core'
import { writeFileAtomically } from '../atomic-file.js'
import { call, errnoOf, run } from '../call.js'
import { occupant } from '../publish.js'
import { placeToWrite } from '../resolve.js'
import type { WriteStore } from '../store.js'
import { type CompletionRecord, parseRecord } from './record-text.js'
import type { UploadSession } from './session.js'

export const RECORD = 'record'
const OBJECT = /^object\./

/*
 * A completion moves the assembled file into the upload's folder, then records what it is about to publish, then
 * publishes by moving that file (or linking and then unlinking it). So the publish itself is what makes the record
 * true: where a record's file is gone, it was published, and no crash can fall between the two. For that to hold, a
 * record is always removed before its file.
 *
 * Comparing the object's version with a recorded one would say the same until somebody replaces or deletes the object.
 */

/** What a completion published; `null` where none is known to have, without any lock. */
export async function completedResult(folder: string): Promise<WriteResult | null> {
  const seen = await readRecord(folder)
  if (seen === null || (await lstat(join(folder, seen.file))) !== null) return null
  // Taken back between the two looks, it is not there any more: its record went first.
  const record = await readRecord(folder)
  return record?.file === seen.file ? record.result : null
}

/** Records what is about to be published. The upload is held. */
export function writeRecord(
  store: WriteStore,
  session: UploadSession,
  record: CompletionRecord,
): Promise<void> {
  return writeFileAtomically(store, join(session.folder, RECORD), JSON.stringify(record))
}

/**
 * Ends what a completion that died has begun: gives its result where it had published, else removes its traces. The
 * upload is held.
 */
export async function settle(store: WriteStore, session: UploadSession): Promise<WriteResult | null> {
  const record = await readRecord(session.folder)
  if (record === null) return null
  const path = join(session.folder, record.file)
  const file = await lstat(path)
  if (file === null) return record.result
  // It may have died between the link and the unlink.
  const place = await placeToWrite(store.root, session.manifest.key)
  if ((await occupant(place))?.ino === file.ino) {
    await run((done) => fs.unlink(path, done))
    return record.result
  }
  await takeBack(session, record.file)
  return null
}

/** Removes the record of what was not published, and then its file. */
export async function takeBack(session: UploadSession, file: string): Promise<void> {
  await removeFile(join(session.folder, RECORD))
  await removeFile(join(session.folder, file))
}

/** Removes files that completions have left which died before their record. The upload is held. */
export async function removeUnrecorded(session: UploadSession): Promise<void> {
  for (const name of await call<string[]>((done) => fs.readdir(session.folder, done))) {
    if (OBJECT.test(name)) await removeFile(join(session.folder, name))
  }
}

async function readRecord(folder: string): Promise<CompletionRecord | null> {
  try {
    return parseRecord(await call<string>((done) => fs.readFile(join(folder, RECORD), 'utf8', done)))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null
    throw error
  }
}

async function removeFile(path: string): Promise<void> {
  await run((done) => fs.unlink(path, done)).catch((error) => {
    if (errnoOf(error) !== 'ENOENT') throw error
  })
}

async function lstat(path: string): Promise<BigIntStats | null> {
  try {
    return await call<BigIntStats>((done) => fs.lstat(path, { bigint: true }, done))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null
    throw error
  }
}
