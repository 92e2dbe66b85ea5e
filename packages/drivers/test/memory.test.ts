import { memoryDriver } from '@latchkey/drivers/memory'
import { describe, expect, it } from 'vitest'
import { runDriverCases } from './run-driver-cases.js'

const PRIVATE = { contentType: 'text/plain', visibility: 'private' } as const

async function* bytes(size: number) {
  yield new Uint8Array(size)
}

describe('memoryDriver keeps the contract', () => {
  runDriverCases(async () => ({ driver: memoryDriver() }))
})

describe('memoryDriver', () => {
  it('refuses what goes over maxBytes, and counts what is stored and nothing else', async () => {
    const driver = memoryDriver({ maxBytes: 100 })
    await driver.write('a', bytes(60), PRIVATE)
    await expect(driver.write('b', bytes(41), PRIVATE)).rejects.toMatchObject({ code: 'storage_full' })
    // Both versions are in memory until the new one is complete.
    await expect(driver.write('a', bytes(41), PRIVATE)).rejects.toMatchObject({ code: 'storage_full' })
    await driver.write('a', bytes(40), PRIVATE)
    await driver.write('b', bytes(60), PRIVATE)
    await expect(driver.write('c', bytes(1), PRIVATE)).rejects.toMatchObject({ code: 'storage_full' })
    await driver.delete('b')
    await driver.write('c', bytes(60), PRIVATE)
  })

  it('refuses a maxBytes that is no size', () => {
    for (const maxBytes of [-1, Number.NaN]) {
      expect(() => memoryDriver({ maxBytes })).toThrow(expect.objectContaining({ code: 'invalid_option' }))
    }
  })

  it('keeps ETag and time where the visibility is flipped', async () => {
    const driver = memoryDriver()
    const { stat } = await driver.write('a', bytes(3), { ...PRIVATE, cacheControlMaxAge: 60 })
    expect(await driver.setVisibility?.('a', 'public')).toBe(true)
    expect(await driver.stat('a')).toEqual({ ...stat, visibility: 'public' })
  })

  it('does not share its bytes with writers or readers', async () => {
    const driver = memoryDriver()
    const written = Buffer.from('content')
    await driver.write(
      'own',
      (async function* () {
        yield written
      })(),
      PRIVATE,
    )
    written.fill(0)
    const first = (await (await driver.open('own'))?.read()) as Uint8Array
    first.fill(0)
    expect(Buffer.from((await (await driver.open('own'))?.read()) as Uint8Array).toString()).toBe('content')
  })
})
