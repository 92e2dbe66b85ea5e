import { downloadLimitCases, runHttpCase } from '@latchkey/testkit'
import { describe, it } from 'vitest'
import { hosts } from '../hosts/index.js'
import { storages } from './storages.js'

describe.concurrent('download limits', { timeout: 60_000 }, () => {
  for (const host of Object.values(hosts)) {
    for (const [storage, openStorage] of Object.entries(storages)) {
      for (const limitCase of downloadLimitCases) {
        it(`${host.name} · ${storage} · ${limitCase.name}`, async (context) => {
          const { skipped } = await runHttpCase(limitCase, { host, openStorage })
          if (skipped !== undefined) context.skip(skipped)
        })
      }
    }
  }
})
