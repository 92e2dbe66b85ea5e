import { resolveCapabilities } from '../contracts/capabilities.js'
import type { GateRequest } from '../contracts/gate.js'
import type { ObjectStat } from '../contracts/storage-driver.js'
import type { GateSettings } from './gate-settings.js'
import { reportFault } from './report.js'

/** Whether any object can be public here; where none can, the storage is not asked, and its time tells nobody anything. */
export function hasPublicObjects({ storage, visibility }: GateSettings): boolean {
  return visibility === undefined
    ? resolveCapabilities(storage.capabilities).visibility
    : visibility !== 'private'
}

/** Whether an object needs no token: by the app's function where there is one, else as it was stored. */
export async function isPublic(
  key: string,
  stat: ObjectStat,
  request: GateRequest,
  settings: GateSettings,
): Promise<boolean> {
  const { visibility } = settings
  if (typeof visibility !== 'function') return hasPublicObjects(settings) && stat.visibility === 'public'
  try {
    return (await visibility(key, stat)) === 'public'
  } catch (error) {
    // Closed, and to the client not to be told from any other private object.
    reportFault(error, request, settings)
    return false
  }
}
