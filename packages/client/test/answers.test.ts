import { describe, expect, it } from 'vitest'
import { type Answer, jsonOf, succeeded } from '../src/answer.js'
import { uploadedFileOf } from '../src/uploaded-file.js'

const STORED = { key: 'a', size: 3, contentType: 'text/plain', etag: '"e"', visibility: 'private' } as const

describe('what the server stored', () => {
  it('is what it says, and nothing else', () => {
    expect(uploadedFileOf(answer(201, { ...STORED, more: 1 }), 3)).toEqual(STORED)
  })

  it('is believed only with the size that was sent', () => {
    expect(() => uploadedFileOf(answer(201, STORED), 4)).toThrow(
      'bad_response: The server stored 3 of 4 bytes.',
    )
  })

  it.each(['key', 'size', 'contentType', 'etag', 'visibility'])('has its %s', (name) => {
    expect(() => uploadedFileOf(answer(201, { ...STORED, [name]: undefined }), 3)).toThrow('bad_response')
  })

  it.each(['', '<html>', 'null', '7'])('is not read from %s', (text) => {
    expect(() => jsonOf({ ...answer(201, {}), text })).toThrow('bad_response: The answer is not JSON.')
  })
})

describe('a refusal', () => {
  it.each([
    ['3', 3000],
    ['0', 0],
    [new Date(0).toUTCString(), 0],
    ['soon', undefined],
    [null, undefined],
  ])('with Retry-After: %s asks for %s ms', (value, retryAfter) => {
    const refusal = { ...answer(503, { code: 'storage_unavailable', detail: 'Later.' }), header: () => value }
    expect(() => succeeded(refusal)).toThrow(
      expect.objectContaining({ code: 'storage_unavailable', status: 503, detail: 'Later.', retryAfter }),
    )
  })

  it('takes Retry-After as a date', () => {
    const date = new Date(Date.now() + 60_000).toUTCString()
    const refusal = { ...answer(429, { code: 'rate_limit_exceeded' }), header: () => date }
    expect(() => succeeded(refusal)).toThrow(
      expect.objectContaining({ retryAfter: expect.toSatisfy((ms: number) => ms > 55_000 && ms <= 60_000) }),
    )
  })
})

function answer(status: number, body: unknown): Answer {
  return { status, url: 'http://test/', text: JSON.stringify(body), header: () => null }
}
