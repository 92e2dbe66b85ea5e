import { type DriverCaseContext, driverCases, missingNeeds, multipartCases } from '@latchkey/testkit'
import { it } from 'vitest'

/** Runs every case of the contract; what a driver cannot do is skipped by name. */
export function runDriverCases(make: () => Promise<DriverCaseContext>, timeout?: number): void {
  for (const driverCase of [...driverCases, ...multipartCases]) {
    it(driverCase.name, { ...(timeout === undefined ? {} : { timeout }) }, async (test) => {
      const context = await make()
      const missing = missingNeeds(driverCase, context)
      if (missing.length > 0) test.skip(`needs ${missing.join(', ')}, which this driver does not have`)
      await driverCase.run(context)
    })
  }
}
