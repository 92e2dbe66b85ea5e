import { type CaseStorage, httpCases, runHttpCase } from '@latchkey/testkit'
import { describe, it } from 'vitest'
import { hosts } from '../hosts/index.js'

/** Runs every HTTP case in every host over one kind of storage. A file each, so that the kinds run side by side. */
export function runHttpCases(storage: string, openStorage: () => Promise<CaseStorage>): void {
  // Generous, as a case beside fifteen others on a busy machine may get little of it.
  describe.concurrent('HTTP', { timeout: 60_000 }, () => {
    for (const host of Object.values(hosts)) {
      for (const httpCase of httpCases) {
        it(`${host.name} · ${storage} · ${httpCase.name}`, async (context) => {
          const { skipped } = await runHttpCase(httpCase, { host, openStorage })
          if (skipped !== undefined) context.skip(skipped)
        })
      }
    }
  })
}
