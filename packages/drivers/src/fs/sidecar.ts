import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { dirname, join } from 'node:path'
import type { Visibility } from '@latchkey/core'
import { writeFileAtomically } from './atomic-file.js'
import { call, errnoOf, run } from './call.js'
import { type FileIdentity, identityText } from './identity.js'
import type { FsSettings } from './settings.js'
import type { WriteStore } from './store.js'
import { syncPath } from './sync-path.js'
import { writeFile } from './write-file.js'

/** What is stored beside one version of an object. Of it the visibility alone may change, in one step. */
export interface Sidecar {
  /** The canonical name of the object, so that a sweep finds the file from the sidecar. */
  readonly name: string
  /** Random; the ETag. */
  readonly version: string
  /** Absent for a file that came from elsewhere. */
  readonly contentType?: string
  readonly visibility: Visibility
  readonly cacheControlMaxAge?: number
}

/** The file-safe name of an object: it stands for the object in locks and sidecars. */
export function nameHash(name: string): string {
  return createHash('sha256').update(name).digest('hex')
}

/**
 * Where the sidecar of a version is. The file's identity is in the name: a reader who holds version A finds A's
 * sidecar or none, never B's, and an edited or foreign file finds none. A tree copied by rsync or restored from a
 * backup has new inodes and so loses its metadata, becoming private. That is meant: matching by size and time alone
 * would one day give a foreign file somebody else's `public`.
 */
export function sidecarPath(metaFolder: string, hash: string, file: FileIdentity): string {
  return join(metaFolder, hash.slice(0, 2), `${hash.slice(2)}.${identityText(file)}`)
}

/** Reads a sidecar; `null` where there is none, or none that was written to its end. */
export async function readSidecar(path: string): Promise<Sidecar | null> {
  try {
    return parseSidecar(await call<string>((done) => fs.readFile(path, 'utf8', done)))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null
    throw error
  }
}

/** Writes a sidecar, replacing what a crash may have left under its name. */
export async function writeSidecar(path: string, sidecar: Sidecar, settings: FsSettings): Promise<void> {
  const text = JSON.stringify(sidecar)
  const options = { flag: 'w', mode: settings.fileMode, fsync: settings.fsync } as const
  await inFolder(path, settings, () => writeFile(path, text, options))
  if (settings.fsync) await syncPath(dirname(path))
}

/** Writes the sidecar of a version that is in place: readers see the old one or the new one. */
export async function replaceSidecar(store: WriteStore, path: string, sidecar: Sidecar): Promise<void> {
  await inFolder(path, store.settings, () => writeFileAtomically(store, path, JSON.stringify(sidecar)))
}

/** Does it again where the folder was missing, once that is made. */
async function inFolder(path: string, settings: FsSettings, write: () => Promise<void>): Promise<void> {
  try {
    await write()
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
    await call((done) => fs.mkdir(dirname(path), { recursive: true, mode: settings.folderMode }, done))
    await write()
  }
}

/** Removes the sidecar of a version that was replaced or deleted. What cannot be removed is left to the sweep. */
export async function removeSidecar(metaFolder: string, hash: string, old: FileIdentity): Promise<void> {
  await run((done) => fs.unlink(sidecarPath(metaFolder, hash, old), done)).catch(() => {})
}

function parseSidecar(text: string): Sidecar | null {
  try {
    const value: unknown = JSON.parse(text)
    return isSidecar(value) ? value : null
  } catch {
    return null
  }
}

function isSidecar(value: unknown): value is Sidecar {
  if (typeof value !== 'object' || value === null) return false
  const { name, version, contentType, visibility, cacheControlMaxAge } = value as Record<
    keyof Sidecar,
    unknown
  >
  return (
    typeof name === 'string' &&
    typeof version === 'string' &&
    /^[\w-]+$/.test(version) &&
    (contentType === undefined || typeof contentType === 'string') &&
    (visibility === 'private' || visibility === 'public') &&
    (cacheControlMaxAge === undefined || Number.isSafeInteger(cacheControlMaxAge))
  )
}
