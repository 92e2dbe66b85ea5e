import type { CommitLocks } from './commit-lock.js'
import type { HeldFiles } from './held-files.js'
import type { KnownObjects } from './known-objects.js'
import type { ObjectLooks } from './object-looks.js'
import type { FsSettings } from './settings.js'
import type { SidecarCache } from './sidecar-cache.js'
import type { Workspace } from './workspace.js'

/** What reading needs. */
export interface ReadStore {
  /** Without links. */
  readonly root: string
  readonly settings: FsSettings
  readonly cache: SidecarCache
  readonly known: KnownObjects
  readonly held: HeldFiles
  readonly looks: ObjectLooks
}

/** What writing needs. */
export interface WriteStore extends ReadStore {
  readonly workspace: Workspace
  readonly locks: CommitLocks
}
