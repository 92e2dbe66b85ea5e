import { expect, test, vi } from 'vitest'
import { memoryDriver } from '../../../drivers/src/memory/index.js'
import { mayRunScript } from '../../src/http/content-type.js'
import { createLatchkey, type GateRequest } from '../../src/index.js'

async function stored(visibility: 'public' | 'private') {
  const storage = memoryDriver()
  async function* body() {
    yield Buffer.from('content')
  }
  const { stat } = await storage.write('a.txt', body(), { contentType: 'text/plain', visibility })
  const files = createLatchkey({
    baseUrl: '/files',
    keys: [{ id: 'k1', secret: 'a secret of the tests, of 32 bytes or more' }],
    storage,
  })
  const url = visibility === 'public' ? '/files/a.txt' : (await files.signedUrl('a.txt')).url
  const get = (headers: Record<string, string>) => {
    const request: GateRequest = {
      method: 'GET',
      path: url.slice('/files'.length),
      header: (name) => headers[name],
      body: null,
      bodyAlreadyRead: false,
    }
    return files.handle(request)
  }
  return { get, stat, opens: vi.spyOn(storage, 'open') }
}

test.each(['public', 'private'] as const)('what has not changed is not opened: %s', async (visibility) => {
  const { get, opens, stat } = await stored(visibility)
  expect((await get({ 'if-none-match': stat.etag })).status).toBe(304)
  expect((await get({ 'if-modified-since': stat.lastModified.toUTCString() })).status).toBe(304)
  expect(opens).not.toHaveBeenCalled()
  const changed = await get({ 'if-none-match': '"another"' })
  expect(changed.status).toBe(200)
  expect(Buffer.from(changed.body as Uint8Array).toString()).toBe('content')
  expect(opens).toHaveBeenCalledTimes(1)
})

test('whether a type can run script is remembered of the type alone, and of no endless one', () => {
  for (let turn = 0; turn < 2; turn++) {
    expect(mayRunScript('text/html; charset=utf-8')).toBe(true)
    expect(mayRunScript('text/plain; charset=utf-8')).toBe(false)
    expect(mayRunScript('text/plain, text/html')).toBe(true)
    expect(mayRunScript(`text/html; x=${'y'.repeat(1000)}`)).toBe(true)
    expect(mayRunScript(`text/plain; x=${'y'.repeat(1000)}`)).toBe(false)
    for (let at = 0; at < 1000; at++) expect(mayRunScript(`application/x-${at}`)).toBe(false)
  }
})
