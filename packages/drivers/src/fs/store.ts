import type { CommitLocks } from './commit-lock.js'
import type { FsSettings } from './settings.js'
import type { SidecarCache } from './sidecar-cache.js'
import type { SmallObjects } from './small-objects.js'
import type { Workspace } from './workspace.js'

/** What reading needs. */
export interface ReadStore {
  /** Without links. */
  readonly root: string
  readonly settings: FsSettings
  readonly cache: SidecarCache
  readonly small: SmallObjects
}

/** What writing needs. */
export interface WriteStore extends ReadStore {
  readonly workspace: Workspace
  readonly locks: CommitLocks
}
