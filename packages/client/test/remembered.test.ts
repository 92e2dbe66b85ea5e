import { describe, expect, it } from 'vitest'
import type { UploadOptions } from '../src/options.js'
import { nameOf, Remembered } from '../src/remembered.js'

const RECORD = { key: 'a', uploadId: 'u', partSize: 10 }

describe('what an upload is recognized by', () => {
  const file = new File(['abc'], 'a.txt', { lastModified: 1, type: 'text/plain' })
  const options: UploadOptions = { endpoint: '/files' }

  it('is the same for the same file and purpose', () => {
    const again = new File(['xyz'], 'a.txt', { lastModified: 1, type: 'text/plain' })
    expect(nameOf(again, options)).toBe(nameOf(file, options))
  })

  it.each<[string, File, UploadOptions]>([
    ['name', new File(['abc'], 'b.txt', { lastModified: 1, type: 'text/plain' }), options],
    ['size', new File(['abcd'], 'a.txt', { lastModified: 1, type: 'text/plain' }), options],
    ['time', new File(['abc'], 'a.txt', { lastModified: 2, type: 'text/plain' }), options],
    ['type', new File(['abc'], 'a.txt', { lastModified: 1, type: 'text/html' }), options],
    ['announced type', file, { ...options, contentType: 'text/html' }],
    ['endpoint', file, { endpoint: '/others' }],
    ['key', file, { ...options, key: 'k' }],
    ['payload', file, { ...options, payload: 'p' }],
  ])('is another one for another %s', (_, other, itsOptions) => {
    expect(nameOf(other, itsOptions)).not.toBe(nameOf(file, options))
  })

  it('is one text only: no two of its pieces run into each other', () => {
    const one = nameOf(file, { ...options, key: 'a","b' })
    const other = nameOf(file, { ...options, key: 'a', payload: 'b' })
    expect(one).not.toBe(other)
  })

  it('is nothing for bytes without a name', () => {
    expect(nameOf(new Blob(['abc']), options)).toBeUndefined()
  })
})

describe('Remembered', () => {
  function storage(texts = new Map<string, string>()) {
    return {
      texts,
      getItem: (name: string) => texts.get(name) ?? null,
      setItem: (name: string, value: string) => void texts.set(name, value),
      removeItem: (name: string) => void texts.delete(name),
    }
  }
  const file = () => new File(['abc'], 'a.txt', { lastModified: 1 })

  it('recalls what was remembered, until it is forgotten', async () => {
    const kept = storage()
    const first = new Remembered(file(), { endpoint: '/files', storage: kept })
    expect(first.lasts).toBe(true)
    expect(await first.recall()).toBeUndefined()
    await first.remember(RECORD)
    first.release()
    const second = new Remembered(file(), { endpoint: '/files', storage: kept })
    expect(await second.recall()).toEqual(RECORD)
    await second.forget()
    expect(kept.texts.size).toBe(0)
    second.release()
  })

  it('is for one upload of a file at a time', async () => {
    const kept = storage()
    const first = new Remembered(file(), { endpoint: '/files', storage: kept })
    await first.remember(RECORD)
    const second = new Remembered(file(), { endpoint: '/files', storage: kept })
    expect(second.lasts).toBe(false)
    expect(await second.recall()).toBeUndefined()
    await second.forget()
    second.release()
    expect(kept.texts.size).toBe(1)
    expect(new Remembered(file(), { endpoint: '/files', storage: kept }).lasts).toBe(false)
    first.release()
  })

  it.each([
    '',
    '{',
    'null',
    '[]',
    '{"key":"a"}',
    '{"key":1,"uploadId":"u","partSize":10}',
    '{"key":"a","uploadId":"u","partSize":0}',
    '{"key":"a","uploadId":"u","partSize":1.5}',
  ])('recalls nothing from %s', async (text) => {
    const options = { endpoint: '/files', storage: { ...storage(), getItem: () => text } }
    const remembered = new Remembered(file(), options)
    expect(await remembered.recall()).toBeUndefined()
    remembered.release()
  })

  it('remembers nothing where it is told so, and where there is no storage', () => {
    expect(new Remembered(file(), { endpoint: '/files', storage: null }).lasts).toBe(false)
    expect(new Remembered(file(), { endpoint: '/files' }).lasts).toBe(false)
  })
})
