import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Stopwatch } from '../../src/http/watch/stopwatch.js'

test('what runs at the same time counts once, from the first to the last', async () => {
  const stopwatch = new Stopwatch()
  const long = stopwatch.time('storage', () => sleep(120))
  await sleep(60)
  await stopwatch.time('storage', () => sleep(10))
  await long
  expect(stopwatch.of('storage')).toBeGreaterThanOrEqual(115)
  expect(stopwatch.of('storage')).toBeLessThanOrEqual(stopwatch.elapsed())
})

test('what fails counts too, and what took no part has no time', async () => {
  const stopwatch = new Stopwatch()
  await expect(
    stopwatch.time('ledger', () => sleep(20).then(() => Promise.reject(new Error('no')))),
  ).rejects.toThrow()
  expect(stopwatch.of('ledger')).toBeGreaterThanOrEqual(15)
  expect(stopwatch.of('storage')).toBeUndefined()
})
