import { latchkey } from '@latchkey/hono'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { type AppFiles, appFiles } from './app-files.js'

const TEXT = 'some text '.repeat(30_000)

async function webApp(): Promise<AppFiles & { readonly app: Hono }> {
  const made = appFiles('/files')
  await made.put('a.txt', TEXT)
  const app = new Hono()
  app.route('/files', latchkey(made.files))
  return { ...made, app }
}

/** Hono where there is no Node server: a Web request comes in, a Web response goes out. */
describe('Hono without a Node server', () => {
  it('serves objects, ranges and conditions', async () => {
    const { app, files } = await webApp()
    const { url } = await files.signedUrl('a.txt')
    const whole = await app.request(url)
    expect(whole.status).toBe(200)
    expect(await whole.text()).toBe(TEXT)
    const part = await app.request(url, { headers: { range: 'bytes=5-8' } })
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([
      206,
      `bytes 5-8/${TEXT.length}`,
      'text',
    ])
    const etag = whole.headers.get('etag') ?? ''
    expect((await app.request(url, { headers: { 'if-none-match': etag } })).status).toBe(304)
    const headed = await app.request(url, { method: 'HEAD' })
    expect([headed.status, headed.headers.get('content-length'), await headed.text()]).toEqual([
      200,
      String(TEXT.length),
      '',
    ])
  })

  it('takes uploads of texts and of streams, and removes', async () => {
    const { app, files, driver } = await webApp()
    const fromText = await app.request((await files.signedUploadUrl('b.txt')).url, {
      method: 'PUT',
      body: 'text',
    })
    expect([fromText.status, (await driver.stat('b.txt'))?.size]).toEqual([201, 4])
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array(70_000))
        controller.enqueue(new Uint8Array(5))
        controller.close()
      },
    })
    const { url } = await files.signedUploadUrl('c.bin')
    const fromStream = await app.request(
      new Request(`http://localhost${url}`, { method: 'PUT', body, duplex: 'half' }),
    )
    expect([fromStream.status, (await driver.stat('c.bin'))?.size]).toEqual([201, 70_005])
    const removal = await files.signedUrl('c.bin', { operations: ['delete'] })
    expect((await app.request(removal.url, { method: 'DELETE' })).status).toBe(204)
  })

  it('refuses as everywhere, and stores nothing of what it refused', async () => {
    const { app, files, driver } = await webApp()
    const { url } = await files.signedUploadUrl('b.txt', { maxSize: 3 })
    const tooLarge = await app.request(url, { method: 'PUT', body: 'text' })
    expect([tooLarge.status, JSON.parse(await tooLarge.text()).code]).toEqual([413, 'too_large'])
    expect(await driver.stat('b.txt')).toBeNull()
    expect((await app.request('/files/a.txt')).status).toBe(403)
    expect((await app.request('/files/a.txt', { method: 'POST', body: 'x' })).status).toBe(405)
  })

  it.each([
    ['shorter', '9'],
    ['longer', '3'],
  ])('refuses a body that is %s than announced', async (_name, length) => {
    const { app, files, driver } = await webApp()
    const { url } = await files.signedUploadUrl('b.txt')
    const reply = await app.request(url, {
      method: 'PUT',
      headers: { 'content-length': length },
      body: 'text',
    })
    expect([reply.status, JSON.parse(await reply.text()).code]).toEqual([400, 'length_mismatch'])
    expect(await driver.stat('b.txt')).toBeNull()
  })

  it('releases an object that nobody reads on', async () => {
    const { app, files } = await webApp()
    const reply = await app.request((await files.signedUrl('a.txt')).url)
    const reader = reply.body?.getReader()
    expect((await reader?.read())?.value?.byteLength).toBeGreaterThan(0)
    await reader?.cancel()
  })
})
