import fs from 'node:fs'
import { join } from 'node:path'
import type { CreateMultipartOptions } from '@latchkey/core'
import { uploadNotFound } from '../../upload-errors.js'
import { writeFileAtomically } from '../atomic-file.js'
import { call, errnoOf, run } from '../call.js'
import { assertStorable, WORKSPACE } from '../object-path.js'
import { placeToWrite } from '../resolve.js'
import { nameHash } from '../sidecar.js'
import type { WriteStore } from '../store.js'
import { syncPath } from '../sync-path.js'
import { type Manifest, manifestText, parseManifest } from './manifest.js'
import { expiryOf, newUploadId } from './upload-id.js'

export const MANIFEST = 'manifest'

/** An upload in parts. Its folder holds the manifest, the parts, and at the end the record of its completion. */
export interface UploadSession {
  readonly id: string
  readonly folder: string
  readonly manifest: Manifest
}

/** Begins an upload. */
export async function createSession(
  store: WriteStore,
  key: string,
  options: CreateMultipartOptions,
): Promise<string> {
  assertStorable(key)
  const id = newUploadId(options.expiresAt)
  // What cannot be published is not received first.
  await placeToWrite(store.root, key)
  const folder = folderOf(store, id)
  await run((done) => fs.mkdir(folder, { mode: store.settings.folderMode }, done))
  try {
    await writeFileAtomically(store, join(folder, MANIFEST), manifestText(key, options))
    if (store.settings.fsync) await syncPath(store.workspace.uploads)
  } catch (error) {
    await run((done) => fs.unlink(join(folder, MANIFEST), done)).catch(() => {})
    await run((done) => fs.rmdir(folder, done)).catch(() => {})
    throw error
  }
  return id
}

/** Finds an upload that has not expired. Fails as `upload_not_found`, also for another key's. */
export async function openSession(store: WriteStore, key: string, id: string): Promise<UploadSession> {
  const expiry = expiryOf(id)
  if (expiry === null || expiry <= Date.now()) throw uploadNotFound()
  const folder = folderOf(store, id)
  const manifest = await readManifest(join(folder, MANIFEST))
  if (manifest?.key !== key) throw uploadNotFound()
  return { id, folder, manifest }
}

/** Only for what `expiryOf` takes for an id. */
export function folderOf(store: WriteStore, id: string): string {
  return join(store.workspace.uploads, id)
}

/**
 * Runs a task while nobody else adds a part to an upload, publishes it or removes it. Where the place of the object
 * is locked as well, that lock is taken first.
 */
export function holdSession<T>(store: WriteStore, id: string, task: () => Promise<T>): Promise<T> {
  // No key lies in the driver's own folder, so this is no object's lock.
  return store.locks.hold(nameHash(`${WORKSPACE}/uploads/${id}`), task)
}

async function readManifest(path: string): Promise<Manifest | null> {
  try {
    return parseManifest(await call<string>((done) => fs.readFile(path, 'utf8', done)))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null
    throw error
  }
}
