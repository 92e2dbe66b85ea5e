import type { StoredObject } from '../contracts/storage-driver.js'
import type { GateSettings } from './gate-settings.js'

/** The version that an upload replaces, held open so that it can be put back if the app does not accept the upload. */
export interface ReplacedVersion {
  /**
   * Takes hold of what is there, if anybody is asked to accept uploads. To be called after the last byte came, just
   * before the upload is published: until then the version may be replaced by others.
   */
  hold(): Promise<void>
  /** `null` where there was none. */
  held(): StoredObject | null
  release(): Promise<void>
}

/** For an upload to `key`. */
export function replacedVersion(key: string, settings: GateSettings): ReplacedVersion {
  let object: StoredObject | null = null
  return {
    async hold() {
      if (settings.onUploadCompleted === undefined) return
      await object?.close()
      object = await settings.storage.open(key)
    },
    held: () => object,
    async release() {
      await object?.close()
    },
  }
}
