import { multipartHttpCases, runHttpCase } from '@latchkey/testkit'
import { describe, it } from 'vitest'
import { hosts } from '../hosts/index.js'
import { storages } from './storages.js'

describe.concurrent('uploads in parts over HTTP', { timeout: 60_000 }, () => {
  for (const host of Object.values(hosts)) {
    for (const [storage, openStorage] of Object.entries(storages)) {
      for (const partsCase of multipartHttpCases) {
        it(`${host.name} · ${storage} · ${partsCase.name}`, async (context) => {
          const { skipped } = await runHttpCase(partsCase, { host, openStorage })
          if (skipped !== undefined) context.skip(skipped)
        })
      }
    }
  }
})
