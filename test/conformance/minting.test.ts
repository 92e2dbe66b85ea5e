import { mintingCases, runHttpCase } from '@latchkey/testkit'
import { describe, it } from 'vitest'
import { hosts } from '../hosts/index.js'
import { storages } from './storages.js'

describe.concurrent('minting', { timeout: 60_000 }, () => {
  for (const host of Object.values(hosts)) {
    for (const [storage, openStorage] of Object.entries(storages)) {
      for (const mintingCase of mintingCases) {
        it(`${host.name} · ${storage} · ${mintingCase.name}`, async (context) => {
          const { skipped } = await runHttpCase(mintingCase, { host, openStorage })
          if (skipped !== undefined) context.skip(skipped)
        })
      }
    }
  }
})
