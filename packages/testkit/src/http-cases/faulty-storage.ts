import type { StorageDriver } from '@latchkey/core'

/** A driver like `driver` in all but the given parts; a spread would lose what its class defines. */
export function altered(driver: StorageDriver, parts: Partial<StorageDriver>): StorageDriver {
  return {
    capabilities: driver.capabilities,
    stat: (key) => driver.stat(key),
    open: (key, options) => driver.open(key, options),
    write: (key, body, options) => driver.write(key, body, options),
    delete: (key, precondition) => driver.delete(key, precondition),
    ...(driver.setVisibility !== undefined && { setVisibility: driver.setVisibility.bind(driver) }),
    ...(driver.multipart !== undefined && { multipart: driver.multipart }),
    ...parts,
  }
}
