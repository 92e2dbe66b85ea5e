import type { GateSettings } from '../gate-settings.js'

const MIB = 1024 * 1024

/** Bytes of a part: as the mount says, or more where an upload to the storage itself would have too many. */
export function partSizeFor(size: number | undefined, { direct, multipart }: GateSettings): number {
  if (direct === undefined || size === undefined) return multipart.partSize
  return Math.max(multipart.partSize, Math.ceil(size / direct.limits.parts / MIB) * MIB)
}
