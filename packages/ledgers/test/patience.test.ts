import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LateClaims } from '../src/late-claims.js'
import { Patience } from '../src/patience.js'
import { claimFor } from './claims.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A promise, and what settles it. */
function deferred<Value>() {
  let resolve: (value: Value) => void = () => {}
  let reject: (error: Error) => void = () => {}
  const promise = new Promise<Value>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

test('a question is given up after two seconds; what comes in time counts', async () => {
  const patience = new Patience('Redis')
  const slow = deferred<number>()
  const inTime = patience.ask(() => slow.promise)
  await vi.advanceTimersByTimeAsync(1999)
  slow.resolve(1)
  expect(await inTime).toBe(1)
  expect(vi.getTimerCount()).toBe(0)
  const never = expect(patience.ask(() => new Promise(() => {}))).rejects.toMatchObject({
    code: 'ledger_unavailable',
    message: 'Redis: no answer for 2000 ms',
  })
  await vi.advanceTimersByTimeAsync(2000)
  await never
  expect(vi.getTimerCount()).toBe(0)
})

test('an error is passed on as the cause, one that is thrown at once, too', async () => {
  const patience = new Patience('Redis', (error) => (error === 7 ? 'seven' : undefined))
  const cause = new Error('broken')
  const failing = patience.ask(() => {
    throw cause
  })
  await expect(failing).rejects.toMatchObject({ message: 'Redis: broken', cause })
  await expect(patience.ask(() => Promise.reject(7))).rejects.toThrow('Redis: seven')
})

test('while 10 000 questions are without an answer no other one is asked', async () => {
  // Those of the test are slow with so many.
  vi.useRealTimers()
  const patience = new Patience('Redis')
  const answers = Array.from({ length: 10_000 }, () => deferred<void>())
  const asked = answers.map(({ promise }) => patience.ask(() => promise).catch(() => {}))
  await Promise.all(asked)
  const question = vi.fn(async () => 'answer')
  await expect(patience.ask(question)).rejects.toThrow('10000 questions are without an answer')
  expect(question).not.toHaveBeenCalled()
  answers[0]?.reject(new Error('lost'))
  await new Promise((resolve) => setTimeout(resolve))
  expect(await patience.ask(question)).toBe('answer')
  patience.ask(() => new Promise(() => {})).catch(() => {})
  await expect(patience.ask(question)).rejects.toThrow('without an answer')
  answers[1]?.resolve()
  await new Promise((resolve) => setTimeout(resolve))
  expect(await patience.ask(question)).toBe('answer')
})

test('a claim that is granted late is given back, once; one that is refused or lost is not', async () => {
  const release = vi.fn(async () => {})
  const late = new LateClaims(release)
  const claims = [claimFor(), claimFor(), claimFor()] as const
  const answers = claims.map(() => deferred<boolean>())
  claims.forEach((claim, at) => {
    late.giveUp(claim, answers[at]?.promise ?? Promise.resolve(false))
  })
  answers[0]?.resolve(true)
  answers[1]?.resolve(false)
  answers[2]?.reject(new Error('lost'))
  await vi.advanceTimersByTimeAsync(0)
  expect(release.mock.calls).toEqual([[claims[0]]])
})

test('a claim that has been repeated is not given back; a repetition waits for what is being given back', async () => {
  const releasing = deferred<void>()
  const release = vi.fn(() => releasing.promise)
  const late = new LateClaims(release)
  const [repeated, given] = [claimFor(), claimFor()]
  const answer = deferred<boolean>()
  late.giveUp(repeated, answer.promise)
  await late.repeat({ ...repeated })
  answer.resolve(true)
  await vi.advanceTimersByTimeAsync(0)
  expect(release).not.toHaveBeenCalled()

  late.giveUp(given, Promise.resolve(true))
  await vi.advanceTimersByTimeAsync(0)
  expect(release).toHaveBeenCalledTimes(1)
  let waited = false
  const again = late.repeat(given).then(() => {
    waited = true
  })
  await vi.advanceTimersByTimeAsync(0)
  expect(waited).toBe(false)
  releasing.reject(new Error('down'))
  await again
})
