import type { GateSettings } from './gate-settings.js'

/** Whether anybody is told of completed uploads, so that they must be measured. */
export function measuresUploads(settings: GateSettings): boolean {
  return settings.onUploadCompleted !== undefined || settings.webhook !== undefined
}
