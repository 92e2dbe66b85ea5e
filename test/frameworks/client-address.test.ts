import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { GateRequest, Latchkey } from '@latchkey/core'
import { latchkey as onExpress } from '@latchkey/express'
import { latchkey as onFastify } from '@latchkey/fastify'
import { latchkey as onHono } from '@latchkey/hono'
import { latchkey as onKoa } from '@latchkey/koa'
import { send } from '@latchkey/testkit'
import express from 'express'
import fastify from 'fastify'
import { type Context, Hono } from 'hono'
import Koa from 'koa'
import mount from 'koa-mount'
import { expect, test } from 'vitest'
import { listen } from '../hosts/listen.js'
import { appFiles } from './app-files.js'

/** A Latchkey that tells the address of each request that it is handed. */
function telling(): { files: Latchkey; addresses: (string | undefined)[] } {
  const addresses: (string | undefined)[] = []
  const { files } = appFiles('/files')
  const handle = (request: GateRequest) => {
    addresses.push(request.address?.())
    return files.handle(request)
  }
  return { files: { ...files, handle }, addresses }
}

const SOCKET = /^(?:::ffff:)?127\.0\.0\.1$/
const PROXIED = { 'x-forwarded-for': '203.0.113.7' }

async function onNode(files: Latchkey, framework: string, trusting: boolean) {
  if (framework === 'Express') {
    const app = express().set('trust proxy', trusting).use('/files', onExpress(files))
    return listen(createServer(app))
  }
  if (framework === 'Koa') {
    const app = new Koa({ proxy: trusting }).use(mount('/files', onKoa(files)))
    return listen(createServer(app.callback()))
  }
  if (framework === 'Hono') {
    return listen(createServer(getRequestListener(new Hono().route('/files', onHono(files)).fetch)))
  }
  const app = fastify({ trustProxy: trusting })
  await app.register(onFastify, { prefix: '/files', files })
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  return { origin, close: () => app.close() }
}

test.each([
  ['Express', false, SOCKET],
  ['Express', true, /^203\.0\.113\.7$/],
  ['Koa', false, SOCKET],
  ['Koa', true, /^203\.0\.113\.7$/],
  ['Fastify', false, SOCKET],
  ['Fastify', true, /^203\.0\.113\.7$/],
  ['Hono', false, SOCKET],
])('%s with a trusted proxy: %s gives its own idea of the address', async (framework, trusting, expected) => {
  const { files, addresses } = telling()
  const running = await onNode(files, framework, trusting)
  await send(running.origin, '/files/a.txt', { headers: PROXIED })
  await running.close()
  expect(addresses).toEqual([expect.stringMatching(expected)])
})

test('a Web request has none', async () => {
  const { files, addresses } = telling()
  await new Hono().route('/files', onHono(files)).request('/files/a.txt', { headers: PROXIED })
  expect(addresses).toEqual([undefined])
})

test('Hono gives the address that the app reads, on Node and elsewhere', async () => {
  const { files, addresses } = telling()
  const address = (c: Context) => c.req.header('x-real-ip')
  const app = new Hono().route('/files', onHono(files, { address }))
  const headers = { 'x-real-ip': '203.0.113.7' }
  await app.request('/files/a.txt', { headers })
  const running = await listen(createServer(getRequestListener(app.fetch)))
  await send(running.origin, '/files/a.txt', { headers })
  await send(running.origin, '/files/a.txt')
  await running.close()
  expect(addresses).toEqual(['203.0.113.7', '203.0.113.7', undefined])
})

test('Hono opens a bound URL to the address that the app reads', async () => {
  const { files } = appFiles('/files')
  const app = new Hono().route('/files', onHono(files, { address: (c) => c.req.header('x-real-ip') }))
  const { url } = await files.signedUrl('absent', { allowedAddresses: ['203.0.113.0/24'] })
  const statusFrom = async (address?: string) =>
    (await app.request(url, address === undefined ? {} : { headers: { 'x-real-ip': address } })).status
  expect([await statusFrom('203.0.113.7'), await statusFrom('203.0.114.7'), await statusFrom()]).toEqual([
    404, 403, 403,
  ])
})
