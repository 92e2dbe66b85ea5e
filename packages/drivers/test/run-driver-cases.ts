import { type DriverCaseContext, driverCases, missingNeeds, multipartCases } from '@latchkey/testkit'
import { it } from 'vitest'

interface DriverCaseOptions {
  /** Milliseconds for a case. */
  readonly timeout?: number
  /** How often a case may be tried again, by its name: where the engine itself does not keep the rule each time. */
  readonly retries?: Readonly<Record<string, number>>
}

/** Runs every case of the contract; what a driver cannot do is skipped by name. */
export function runDriverCases(
  make: () => Promise<DriverCaseContext>,
  { retries = {}, ...options }: DriverCaseOptions = {},
): void {
  for (const driverCase of [...driverCases, ...multipartCases]) {
    it(driverCase.name, { ...options, retry: retries[driverCase.name] ?? 0 }, async (test) => {
      const context = await make()
      const missing = missingNeeds(driverCase, context)
      if (missing.length > 0) test.skip(`needs ${missing.join(', ')}, which this driver does not have`)
      await driverCase.run(context)
    })
  }
}
