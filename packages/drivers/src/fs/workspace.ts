import fs, { type Stats } from 'node:fs'
import { join, resolve } from 'node:path'
import { LatchkeyError } from '@latchkey/core'
import { call, errnoOf } from './call.js'
import { WORKSPACE } from './object-path.js'
import type { FsSettings } from './settings.js'

/** The driver's own folder and what is in it. It lies in the root, so that a rename is enough to publish. */
export interface Workspace {
  /** Uploads under way. */
  readonly temp: string
  /** Held while a write or a delete commits. */
  readonly locks: string
  /** The sidecars, in 256 folders. */
  readonly meta: string
  /** The uploads in parts, each in a folder of its own. */
  readonly uploads: string
}

/** Makes the root where it is missing, and gives its path without links. */
export async function prepareRoot(root: string, settings: FsSettings): Promise<string> {
  const path = resolve(root)
  try {
    await makeFolder(path, settings)
    const real = await call<string>((done) => fs.realpath.native(path, done))
    const stats = await call<Stats>((done) => fs.stat(real, done))
    if (stats.isDirectory()) return real
  } catch (error) {
    if (errnoOf(error) === 'EEXIST' || errnoOf(error) === 'ENOTDIR') throw notAFolder(path, error)
    throw error
  }
  throw notAFolder(path)
}

/** Makes the driver's own folder in the root. */
export async function prepareWorkspace(root: string, settings: FsSettings): Promise<Workspace> {
  const own = join(root, WORKSPACE)
  const workspace = {
    temp: join(own, 'tmp'),
    locks: join(own, 'locks'),
    meta: join(own, 'meta'),
    uploads: join(own, 'uploads'),
  }
  for (const folder of Object.values(workspace)) await makeFolder(folder, settings)
  return workspace
}

async function makeFolder(path: string, settings: FsSettings): Promise<void> {
  await call((done) => fs.mkdir(path, { recursive: true, mode: settings.folderMode }, done))
}

function notAFolder(path: string, cause?: unknown): LatchkeyError {
  return new LatchkeyError('storage_unavailable', `The root ${path} is not a folder: name one`, { cause })
}
