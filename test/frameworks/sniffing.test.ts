import { createServer } from 'node:http'
import { latchkey } from '@latchkey/express'
import { type RunningHost, send } from '@latchkey/testkit'
import express from 'express'
import { fileTypeFromBuffer } from 'file-type'
import { afterEach, expect, it } from 'vitest'
import { listen } from '../hosts/listen.js'
import { appFiles } from './app-files.js'

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

let running: RunningHost | undefined
afterEach(() => running?.close())

it.each([
  ['a PNG', PNG, 'image/png', 201],
  ['HTML disguised as PNG', Buffer.from('<!doctype html><script>alert(1)</script>'), 'image/png', 415],
  ['a PDF disguised as PNG', Buffer.from('%PDF-1.7\n%âãÏÓ\n1 0 obj\n'), 'image/png', 415],
  ['a ZIP disguised as PNG', Buffer.from('PK\x03\x04\x14\0\0\0\b\0', 'latin1'), 'image/png', 415],
  ['eight bytes of a PNG', PNG.subarray(0, 8), 'image/png', 415],
  ['nothing as PNG', Buffer.alloc(0), 'image/png', 415],
  ['a PNG disguised as text', PNG, 'text/plain', 201],
])('file-type as the sniff function: %s', async (_name, body, type, status) => {
  const { files, driver } = appFiles('/files', { sniff: fileTypeFromBuffer })
  const app = express()
  app.use('/files', latchkey(files))
  running = await listen(createServer(app))
  const { url } = await files.signedUploadUrl('upload', { allowedTypes: ['image/png', 'text/plain'] })
  const reply = await send(running.origin, url, { method: 'PUT', headers: { 'content-type': type }, body })
  expect(reply.status).toBe(status)
  expect((await driver.stat('upload'))?.size).toBe(status === 201 ? body.byteLength : undefined)
})
