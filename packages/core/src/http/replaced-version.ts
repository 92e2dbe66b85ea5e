import { resolveCapabilities } from '../contracts/capabilities.js'
import type {
  DriverCapabilities,
  ObjectStat,
  Precondition,
  StoredObject,
} from '../contracts/storage-driver.js'
import { LatchkeyError, type Visibility } from '../token/index.js'
import type { GateSettings } from './gate-settings.js'

/** The version that an upload replaces, held open so that it can be put back if the app does not accept the upload. */
export interface ReplacedVersion {
  /** `null` where there is none, or nobody is asked to accept uploads. */
  readonly object: StoredObject | null
  /** What it is put back as: as it was held, or as it has been made since. */
  visibility(): Visibility
  /** Looks whether it was made public or private since; to be called as late as there is something to be stored. */
  look(): Promise<void>
  /**
   * What the upload must be published under: that nothing but the held version is replaced. Otherwise an upload that the
   * app refuses could, when taken back, take another client's accepted one along.
   */
  readonly precondition: Precondition | undefined
  release(): Promise<void>
}

/** Whether one upload can be told from all others, so that taking it back takes nobody else's along. */
export function canTakeBack(stated: DriverCapabilities): boolean {
  const { conditionalWrites, namedVersions, strongEtags, versionEtags } = resolveCapabilities(stated)
  return conditionalWrites && strongEtags && (versionEtags || namedVersions)
}

/** Whether two stats are of one version, the visibility of which may have changed. */
export function isSameVersion(one: ObjectStat, other: ObjectStat): boolean {
  return other.version === undefined ? one.etag === other.etag : one.version === other.version
}

/** The condition that an object is still the version of a stat. */
export function sameVersion({ etag, version }: ObjectStat): Precondition {
  return { type: 'match', etags: [etag], ...(version !== undefined && { version }) }
}

/**
 * Takes hold of what an upload to `key` will replace.
 *
 * @param asked what the grant and the request demand
 * @throws LatchkeyError `precondition_failed` where what is there is not what was asked for
 */
export async function holdReplaced(
  key: string,
  asked: Precondition | undefined,
  settings: GateSettings,
): Promise<ReplacedVersion> {
  const { storage, onUploadCompleted } = settings
  const takesBack = onUploadCompleted !== undefined && canTakeBack(storage.capabilities)
  if (!takesBack || asked?.type === 'absent') return nothingHeld(asked)
  const object = await storage.open(key, { held: true })
  if (object === null) return nothingHeld(asked ?? { type: 'absent' })
  const { etag } = object.stat
  if (asked !== undefined && !asked.etags.includes(etag)) {
    await object.close()
    throw new LatchkeyError('precondition_failed', 'the object is not as the token or the request requires')
  }
  let visibility = object.stat.visibility ?? 'private'
  return {
    object,
    precondition: sameVersion(object.stat),
    visibility: () => visibility,
    async look() {
      const now = await storage.stat(key)
      if (now !== null && isSameVersion(now, object.stat)) visibility = now.visibility ?? 'private'
    },
    release: () => object.close(),
  }
}

function nothingHeld(precondition: Precondition | undefined): ReplacedVersion {
  return {
    object: null,
    precondition,
    visibility: () => 'private',
    look: async () => {},
    release: async () => {},
  }
}
