import { createHash } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import type { LatchkeyOptions } from '../../src/index.js'
import { receiver, SECRET, webhookTo } from '../webhook/receiver.js'
import { mountOver, sendJson } from './upload.js'

async function mountWith(options: Partial<LatchkeyOptions>) {
  return mountOver({ onError: () => {}, ...options })
}

test('a stored upload is told with what was measured', async () => {
  const { url, received } = await receiver()
  const { webhook } = webhookTo(url)
  const { put } = await mountWith({ webhook })
  const { status, json } = await put('a.txt', 'some text')
  expect(status).toBe(201)
  await webhook.idle()
  const { body = '', headers = {} } = received[0] ?? {}
  expect(new Webhook(SECRET).verify(body, headers)).toMatchObject({
    data: {
      key: 'a.txt',
      size: 9,
      etag: json.etag,
      digest: { hex: createHash('sha256').update('some text').digest('hex') },
    },
  })
})

test('a receiver that is slow or down delays nobody', async () => {
  const { url, received } = await receiver(() => {})
  const { webhook } = webhookTo(url, { timeout: 60_000 })
  const { put } = await mountWith({ webhook })
  const started = performance.now()
  expect((await put('a.txt', 'text')).status).toBe(201)
  expect((await put('b.txt', 'text')).status).toBe(201)
  expect(performance.now() - started).toBeLessThan(5_000)
  await expect.poll(() => received.length).toBe(2)
})

test('an upload that the app refuses, and one that is not stored, are not told', async () => {
  const { url, received } = await receiver()
  const { webhook } = webhookTo(url)
  const onUploadCompleted = () => {
    throw new Error('no')
  }
  const { put } = await mountWith({ webhook, onUploadCompleted })
  expect((await put('a.txt', 'text')).status).toBe(500)
  const plain = await mountWith({ webhook })
  expect((await plain.put('b.txt', 'text', { maxSize: 1 })).status).toBe(413)
  await webhook.idle()
  expect(received).toEqual([])
})

test('an upload in parts is told once, however often it is completed', async () => {
  const { url, received } = await receiver()
  const { webhook } = webhookTo(url)
  const { files } = await mountWith({ webhook })
  const { url: put } = await files.signedUploadUrl('a.txt')
  const path = put.slice(put.indexOf('/a.txt'))
  const { uploadId } = (await sendJson(files, 'POST', `${path}&uploads`)).json
  const { etag } = (await sendJson(files, 'PUT', `${path}&uploadId=${uploadId}&partNumber=1`, 'text')).headers
  const list = JSON.stringify({ parts: [{ partNumber: 1, etag }] })
  for (let times = 0; times < 3; times++) {
    expect((await sendJson(files, 'POST', `${path}&uploadId=${uploadId}`, list)).status).toBe(201)
  }
  await webhook.idle()
  expect(received).toHaveLength(1)
})
