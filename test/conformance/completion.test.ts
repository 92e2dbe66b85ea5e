import { completionCases, runHttpCase } from '@latchkey/testkit'
import { describe, it } from 'vitest'
import { hosts } from '../hosts/index.js'
import { storages } from './storages.js'

describe.concurrent('completed uploads', { timeout: 60_000 }, () => {
  for (const host of Object.values(hosts)) {
    for (const [storage, openStorage] of Object.entries(storages)) {
      for (const completionCase of completionCases) {
        it(`${host.name} · ${storage} · ${completionCase.name}`, async (context) => {
          const { skipped } = await runHttpCase(completionCase, { host, openStorage })
          if (skipped !== undefined) context.skip(skipped)
        })
      }
    }
  }
})
