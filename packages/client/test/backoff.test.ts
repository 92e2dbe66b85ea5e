import { describe, expect, it, vi } from 'vitest'
import { isTransient, isWorthKeepingFor, retryDelay, wait } from '../src/backoff.js'
import { UploadError, type UploadErrorCode } from '../src/upload-error.js'

const POLICY = { limit: 5, baseDelay: 500, maxDelay: 30_000 }

describe('retryDelay', () => {
  it('doubles its longest wait with each failure, up to the most', () => {
    const longest = [1, 2, 3, 4, 5, 6, 7, 8, 100].map((failures) => retryDelay(failures, POLICY, 0, 1))
    expect(longest).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
  })

  it('lies anywhere between nothing and the longest wait', () => {
    expect(retryDelay(3, POLICY, 0, 0)).toBe(0)
    expect(retryDelay(3, POLICY, 0, 0.25)).toBe(500)
    const delays = Array.from({ length: 200 }, () => retryDelay(3, POLICY))
    expect(Math.min(...delays)).toBeLessThan(400)
    expect(Math.max(...delays)).toBeGreaterThan(1600)
    expect(Math.max(...delays)).toBeLessThanOrEqual(2000)
  })

  it('is never sooner than the server asked, and still spreads', () => {
    expect(retryDelay(1, POLICY, 7000, 0)).toBe(7000)
    expect(retryDelay(1, POLICY, 7000, 1)).toBe(7500)
    expect(retryDelay(1, POLICY, 120_000, 0)).toBe(120_000)
  })
})

describe('isTransient', () => {
  it.each<[boolean, UploadErrorCode, number | undefined, number?]>([
    [true, 'network', undefined],
    [true, 'bad_response', 408],
    [true, 'rate_limit_exceeded', 429],
    [true, 'bad_response', 500],
    [true, 'bad_response', 502],
    [true, 'storage_unavailable', 503],
    [true, 'bad_response', 504],
    [true, 'rate_limit_exceeded', 429, 300_000],
    [false, 'rate_limit_exceeded', 429, 300_001],
    [false, 'completion_failed', 500],
    [false, 'internal_error', 500],
    [false, 'body_already_read', 500],
    [false, 'bad_response', 501],
    [false, 'storage_full', 507],
    [false, 'expired', 403],
    [false, 'unauthorized', 401],
    [false, 'exists', 409],
    [false, 'too_large', 413],
    [false, 'bad_response', 200],
    [false, 'aborted', undefined],
  ])('is %s for %s with %s', (expected, code, status, retryAfter) => {
    expect(isTransient(new UploadError(code, 'x', { status, retryAfter }))).toBe(expected)
  })

  it('is false for what is no UploadError', () => {
    expect(isTransient(new TypeError('x'))).toBe(false)
    expect(isTransient(undefined)).toBe(false)
  })
})

describe('wait', () => {
  it('ends when it is time, and at once when it is aborted', async () => {
    vi.useFakeTimers()
    const ended: string[] = []
    const controller = new AbortController()
    wait(1000, controller.signal).then(() => ended.push('first'))
    wait(5000, controller.signal).then(() => ended.push('second'))
    await vi.advanceTimersByTimeAsync(999)
    expect(ended).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(ended).toEqual(['first'])
    controller.abort()
    await vi.advanceTimersByTimeAsync(0)
    expect(ended).toEqual(['first', 'second'])
    await wait(5000, controller.signal)
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })
})

describe('isWorthKeepingFor', () => {
  it.each<[boolean, UploadErrorCode, number | undefined, number?]>([
    [true, 'network', undefined],
    [true, 'rate_limit_exceeded', 429, 3_600_000],
    [true, 'storage_unavailable', 503, 3_600_000],
    [true, 'unauthorized', 401],
    [false, 'forbidden', 403],
    [false, 'too_large', 413],
    [false, 'completion_failed', 500],
    [false, 'aborted', undefined],
  ])('is %s for %s with %s', (expected, code, status, retryAfter) => {
    expect(isWorthKeepingFor(new UploadError(code, 'x', { status, retryAfter }))).toBe(expected)
  })
})
