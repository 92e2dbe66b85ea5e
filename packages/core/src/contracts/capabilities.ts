import type { DriverCapabilities } from './storage-driver.js'

/** What a driver can do, with what it left out filled in. */
export function resolveCapabilities(stated: DriverCapabilities): Required<DriverCapabilities> {
  return {
    visibility: stated.metadata,
    contentTypes: true,
    uploads: true,
    strongEtags: true,
    versionEtags: true,
    everyKey: true,
    namedVersions: false,
    heldVersions: true,
    exactRemovals: true,
    ...stated,
  }
}
