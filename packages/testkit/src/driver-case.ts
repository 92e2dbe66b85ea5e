import { type DriverCapabilities, resolveCapabilities, type StorageDriver } from '@latchkey/core'

/** What a case may need of a driver beyond the contract's core. */
export type DriverNeed = keyof DriverCapabilities | 'reopen' | 'multipart' | 'setVisibility'

/** What a case is run with. Each case gets a storage of its own, empty at the start. */
export interface DriverCaseContext {
  readonly driver: StorageDriver
  /** A new driver over the same storage, as after a restart. Absent where the storage ends with its driver. */
  reopen?(): Promise<StorageDriver>
  /** What is there besides the objects: temporary files, locks, open handles; each told in words. */
  leftovers?(): Promise<readonly string[]>
}

/** One rule of the storage contract, told apart by its name, for any test runner: a failure throws. */
export interface DriverCase {
  readonly name: string
  /** Absent: every driver must pass. */
  readonly needs?: readonly DriverNeed[]
  run(context: DriverCaseContext): Promise<void>
}

/** What a driver lacks for a case. Where it lacks anything, report the case as skipped, by its name. */
export function missingNeeds(driverCase: DriverCase, context: DriverCaseContext): DriverNeed[] {
  return (driverCase.needs ?? []).filter((need) => {
    if (need === 'reopen') return context.reopen === undefined
    if (need === 'multipart') return context.driver.multipart === undefined
    if (need === 'setVisibility') return context.driver.setVisibility === undefined
    return !resolveCapabilities(context.driver.capabilities)[need]
  })
}
