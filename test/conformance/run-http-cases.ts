import { type CaseStorage, type Host, type HttpCase, runHttpCase } from '@latchkey/testkit'
import { describe, it } from 'vitest'
import { hosts } from '../hosts/index.js'

/** Runs HTTP cases in every host, or those given, over each of the storages. */
export function runHttpCases(
  title: string,
  cases: readonly HttpCase[],
  storages: Readonly<Record<string, () => Promise<CaseStorage>>>,
  served: Readonly<Record<string, Host>> = hosts,
): void {
  // Generous, as a case beside fifteen others on a busy machine may get little of it.
  describe.concurrent(title, { timeout: 120_000 }, () => {
    for (const host of Object.values(served)) {
      for (const [storage, openStorage] of Object.entries(storages)) {
        for (const httpCase of cases) {
          it(`${host.name} · ${storage} · ${httpCase.name}`, async (context) => {
            const { skipped } = await runHttpCase(httpCase, { host, openStorage })
            if (skipped !== undefined) context.skip(skipped)
          })
        }
      }
    }
  })
}
