import { httpCases, runHttpCase } from '@latchkey/testkit'
import { describe, it } from 'vitest'
import { hosts } from '../hosts/index.js'
import { storages } from './storages.js'

describe.concurrent('HTTP', () => {
  for (const host of Object.values(hosts)) {
    for (const [storage, openStorage] of Object.entries(storages)) {
      for (const httpCase of httpCases) {
        it(`${host.name} · ${storage} · ${httpCase.name}`, async (context) => {
          const { skipped } = await runHttpCase(httpCase, { host, openStorage })
          if (skipped !== undefined) context.skip(skipped)
        })
      }
    }
  }
})
