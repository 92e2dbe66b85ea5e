import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3'
import type { CompletedUpload } from '@latchkey/core'
import { s3Driver } from '@latchkey/drivers/s3'
import { plainHost } from '@latchkey/testkit'
import { describe, expect, test } from 'vitest'
import { useRadosgw } from '../engines/use-engine.js'
import { hosts } from '../hosts/index.js'
import { type Announced, type DirectApp, directApp } from './direct-app.js'

const MIB = 1024 * 1024
const PART = 5 * MIB
const SIZE = 2 * PART + 3
const VIDEO = { size: SIZE, contentType: 'video/mp4', multipart: true }
const BYTES = ['a'.repeat(PART), 'b'.repeat(PART), 'xyz']

const radosgw = useRadosgw()
const start = (options: Parameters<typeof directApp>[2] = {}, host = plainHost) =>
  directApp(radosgw(), host, { multipart: { partSize: PART }, ...options }, { ownBucket: true })

async function target(app: DirectApp, { complete }: Announced, partNumber: number): Promise<Announced> {
  const told = await app.send('POST', `${complete}&partNumber=${partNumber}`)
  expect(told.status).toBe(200)
  return told.json as unknown as Announced
}

async function begun(app: DirectApp, options = {}): Promise<Announced> {
  const { url } = await app.files.signedUploadUrl('v.mp4', options)
  const { announced, status } = await app.announce(url, VIDEO)
  expect([status, announced.partSize, announced.url]).toEqual([200, PART, undefined])
  return announced
}

async function sent(app: DirectApp, options = {}): Promise<Announced> {
  const announced = await begun(app, options)
  for (const at of [2, 1, 0]) {
    expect(await app.put(await target(app, announced, at + 1), BYTES[at] ?? '')).toBe(200)
  }
  return announced
}

/** Also what the store lists nowhere but among its uploads. */
async function left(app: DirectApp): Promise<unknown[]> {
  const { client, bucket } = app.storage
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
  return [...Uploads, ...(await app.staged())]
}

describe.each(Object.values(hosts))('$name has clients send parts to the bucket', (host) => {
  test('announced, sent in any order, completed', { timeout: 60_000 }, async () => {
    const told: CompletedUpload[] = []
    const app = await start({ onUploadCompleted: (upload) => void told.push(upload) }, host)
    const announced = await sent(app, { maxSize: SIZE, allowedTypes: ['video/*'] })
    const listed = await app.send('GET', announced.complete)
    expect(listed.json.parts).toMatchObject([
      { partNumber: 1, size: PART },
      { partNumber: 2, size: PART },
      { partNumber: 3, size: 3 },
    ])
    expect(await app.read('v.mp4')).toBeNull()
    const done = await app.send('POST', announced.complete)
    expect(done).toMatchObject({ status: 201, json: { size: SIZE, contentType: 'video/mp4' } })
    expect((await app.read('v.mp4')) === BYTES.join('')).toBe(true)
    expect(told).toMatchObject([{ key: 'v.mp4', size: SIZE }])
    expect(await left(app)).toEqual([])
    expect(await app.send('POST', announced.complete)).toMatchObject({ status: 201, json: done.json })
    expect(told).toHaveLength(1)
  })
})

describe('parts', { timeout: 60_000 }, () => {
  test('each has the size that was announced, and there are no others', async () => {
    const app = await start()
    const announced = await begun(app)
    const third = await target(app, announced, 3)
    expect([third.size, new URL(third.url).searchParams.get('X-Amz-SignedHeaders')]).toEqual([
      3,
      'content-length;host',
    ])
    for (const body of ['xy', 'xyza']) expect(await app.put(third, body)).toBe(403)
    for (const partNumber of [4, 10_000]) {
      const address = `${announced.complete}&partNumber=${partNumber}`
      expect((await app.send('POST', address)).code).toBe('invalid_part')
    }
    const asThird = { ...third, url: third.url.replace('partNumber=3', 'partNumber=2') }
    expect(await app.put(asThird, 'xyz')).toBe(403)
    expect((await app.send('GET', announced.complete)).json.parts).toEqual([])
  })

  test('a part that is missing may still come', async () => {
    const app = await start()
    const announced = await begun(app)
    expect((await app.send('POST', announced.complete)).code).toBe('invalid_part')
    for (const at of [0, 2]) await app.put(await target(app, announced, at + 1), BYTES[at] ?? '')
    expect(await app.send('POST', announced.complete)).toMatchObject({ status: 400, code: 'invalid_part' })
    await app.put(await target(app, announced, 2), BYTES[1] ?? '')
    expect((await app.send('POST', announced.complete)).status).toBe(201)
  })

  test('no copy of another object', async () => {
    const app = await start()
    const secret = 'SECRE'.repeat(PART / 5)
    await app.files.storage.write('secret.png', bytes(secret), {
      contentType: 'video/mp4',
      visibility: 'private',
    })
    const announced = await begun(app)
    const source = `/${app.storage.bucket}/${app.storage.prefix}secret.png`
    const at = await target(app, announced, 1)
    for (const more of [{}, { 'x-amz-copy-source-range': 'bytes=0-4' }] as Record<string, string>[]) {
      const status = await app.put(at, BYTES[0] ?? '', { 'x-amz-copy-source': source, ...more })
      expect(status).toBeGreaterThanOrEqual(400)
    }
    expect((await app.send('GET', announced.complete)).json.parts).toEqual([])
  })

  test('aborted, refused and revoked, nothing is left', async () => {
    const app = await start()
    const aborted = await sent(app)
    expect((await app.send('DELETE', aborted.complete)).status).toBe(204)
    expect(await left(app)).toEqual([])
    const late = await app.send('POST', `${aborted.complete}&partNumber=1`)
    expect(late.code).toBe('upload_not_found')

    const { url } = await app.files.signedUploadUrl('v.mp4', { revocable: true })
    const { announced } = await app.announce(url, VIDEO)
    await app.put(await target(app, announced, 1), BYTES[0] ?? '')
    await app.files.revoke({ url })
    expect((await app.send('POST', announced.complete)).code).toBe('revoked')
    expect(await left(app)).toEqual([])

    const racing = [await sent(app), await sent(app)]
    const answers = await Promise.all(racing.map(({ complete }) => app.send('POST', complete)))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
    expect(await left(app)).toEqual([])
  })

  test('limits: empty, too large, too large for one piece', async () => {
    const app = await start({ maxUploadSize: '6tb' })
    const { url } = await app.files.signedUploadUrl('v.mp4')
    const asked = async (announcement: object) => {
      const { status, code, detail } = await app.announce(url, announcement)
      return { status, code, detail }
    }
    expect(await asked({ size: 0, multipart: true })).toMatchObject({ status: 400, code: 'bad_request' })
    expect(await asked({ size: 5 * 1024 ** 3 + 1 })).toMatchObject({
      status: 400,
      detail: expect.stringContaining('announce multipart'),
    })
    expect(await left(app)).toEqual([])
    // This store checks no condition when it joins parts.
    expect(await asked({ size: 5 * 1024 ** 3 + 1, multipart: true })).toMatchObject({ code: 'too_large' })
    expect(await left(app)).toEqual([])
    // 10 000 parts must do.
    const free = await app.files.signedUploadUrl('v.mp4', { allowOverwrite: true })
    const most = 5 * 1024 ** 4
    expect((await app.announce(free.url, { size: most + 1, multipart: true })).code).toBe('too_large')
    expect(await left(app)).toEqual([])
    const { announced } = await app.announce(free.url, { size: 1024 ** 4, multipart: true })
    expect([announced.partSize, announced.partSize * 10_000 >= 1024 ** 4]).toEqual([105 * MIB, true])
    await app.send('DELETE', announced.complete)
  })

  test('what nobody completed is swept with the upload of the store', async () => {
    const app = await start()
    const { presigning } = app.files.storage
    const past = {
      size: SIZE,
      partSize: PART,
      conditional: false,
      expiresAt: new Date(Date.now() - 2 * 3_600_000),
    }
    await presigning?.uploads?.begin('v.mp4', { ...past, contentType: 'video/mp4', visibility: 'private' })
    expect(await left(app)).toHaveLength(2)
    const { client, bucket, prefix } = app.storage
    const another = s3Driver({ client, bucket, prefix })
    const kept = {
      contentType: 'video/mp4',
      visibility: 'private',
      expiresAt: new Date(Date.now() + 60_000),
    } as const
    await another.multipart.abort('b', await another.multipart.create('b', kept))
    await expect.poll(() => left(app)).toEqual([])
  })

  test('minted over HTTP, also to go on', async () => {
    const app = await start({ authorize: () => ({}) })
    const mint = async (body: object) => {
      const headers = { 'content-type': 'application/json' }
      const init = { method: 'POST', headers, body: JSON.stringify(body) }
      const reply = await fetch(`${app.origin}/files/signed-uploads`, init)
      return (await reply.json()) as Record<string, string>
    }
    expect((await mint({ key: 'v.mp4', contentType: 'video/mp4', multipart: true })).code).toBe('bad_request')
    const minted = await mint({ key: 'v.mp4', ...VIDEO })
    expect(minted).toMatchObject({ method: 'POST', partSize: PART, uploadId: expect.any(String) })
    const again = await mint({ key: 'v.mp4', uploadId: minted.uploadId })
    expect(again).toMatchObject({ method: 'POST', partSize: PART, uploadId: minted.uploadId })
    // They are for this upload alone.
    expect((await app.announce(String(minted.url), VIDEO)).code).toBe('invalid_signature')
    const complete = `${again.url}&uploadId=${again.uploadId}`
    for (const at of [0, 1, 2]) {
      await app.put(await target(app, { complete } as Announced, at + 1), BYTES[at] ?? '')
    }
    expect((await app.send('POST', complete)).status).toBe(201)
  })
})

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
