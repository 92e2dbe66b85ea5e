import assert from 'node:assert/strict'
import { resolveCapabilities, type StorageDriver } from '@latchkey/core'
import type { DriverCase } from '../driver-case.js'
import { assertBytes, assertNothingLeft, bytesOf, get, put, readCurrent } from './objects.js'

// No two versions are of one size: a driver that keeps no types has nothing else to tell them by.
const SIZES = [300, 70_000, 600_000]

export const concurrencyCases: readonly DriverCase[] = [
  {
    name: '50 writers and readers of one key never see a mixture, nor a gap',
    async run(context) {
      const { driver } = context
      const { contentTypes } = resolveCapabilities(driver.capabilities)
      const seeds = new Map<number, number>()
      const write = async (seed: number) => {
        const size = (SIZES[seed % SIZES.length] ?? 0) + seed
        seeds.set(size, seed)
        const options = { contentType: `text/x-${seed}`, visibility: 'private' } as const
        await put(driver, 'busy', bytesOf(size, seed), options)
      }
      const read = async () => {
        const { stat, bytes } = await readCurrent(driver, 'busy')
        const { size, contentType } = stat
        const seed = seeds.get(size)
        assert.ok(seed !== undefined, `the size of a version: ${size}`)
        if (contentTypes) assert.equal(contentType, `text/x-${seed}`)
        assertBytes(bytes, bytesOf(size, seed), `version ${seed}`)
      }
      await write(0)
      await Promise.all(
        Array.from({ length: 50 }, async (_, at) => {
          for (let turn = 0; turn < 4; turn++) await (at % 2 === 0 ? write(1 + at * 4 + turn) : read())
        }),
      )
      await assertNothingLeft(context)
    },
  },
  {
    name: 'a stat is of one version: its size, type and ETag belong together',
    async run(context) {
      const { driver } = context
      const { contentTypes } = resolveCapabilities(driver.capabilities)
      const sizes = new Map<string, number>()
      const write = async (size: number) => {
        const written = await put(driver, 'changing', bytesOf(size), {
          contentType: `text/x-${size}`,
          visibility: 'private',
        })
        sizes.set(written.stat.etag, size)
      }
      const seen: { etag: string; size: number; contentType?: string }[] = []
      await write(1)
      const done = (async () => {
        for (let size = 2; size < 60; size++) await write(size)
      })()
      let finished = false
      void done.finally(() => {
        finished = true
      })
      while (!finished) {
        const found = await driver.stat('changing')
        assert.ok(found)
        seen.push(found)
      }
      await done
      for (const { etag, size, contentType } of seen) {
        assert.equal(size, sizes.get(etag))
        if (contentTypes) assert.equal(contentType, `text/x-${size}`)
      }
    },
  },
  {
    name: 'writes and deletes in one folder do not trip over each other',
    async run(context) {
      const { driver } = context
      await Promise.all(Array.from({ length: 20 }, (_, at) => churn(driver, `shared/folder/${at}`)))
      await assertNothingLeft(context)
    },
  },
  {
    name: 'many keys at once are each kept',
    async run({ driver }) {
      const keys = Array.from({ length: 100 }, (_, at) => `many/${at % 7}/${at}`)
      await Promise.all(keys.map((key) => put(driver, key, key)))
      await Promise.all(keys.map(async (key) => assertBytes(await get(driver, key), key)))
    },
  },
]

async function churn(driver: StorageDriver, key: string): Promise<void> {
  for (let turn = 0; turn < 15; turn++) {
    await put(driver, key, `${key} ${turn}`)
    assertBytes(await get(driver, key), `${key} ${turn}`)
    assert.equal(await driver.delete(key), true)
  }
}
