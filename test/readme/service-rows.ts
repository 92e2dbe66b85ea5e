import { type CompletedUpload, type UploadWebhookOptions, uploadWebhook } from '@latchkey/core'
import { expect, vi } from 'vitest'
import { memoryLedger } from '../../packages/ledgers/src/memory/index.js'
import { expectInvalid } from './exchange.js'
import type { Rows } from './rows.js'

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const UPLOAD: CompletedUpload = {
  key: 'a',
  size: 5,
  etag: '"e"',
  digest: { algorithm: 'sha-256', hex: '', base64: '' },
  contentType: 'text/plain',
  visibility: 'private',
  created: true,
}

const webhookWith = (options: Partial<UploadWebhookOptions>) =>
  uploadWebhook({ url: 'https://hooks.example/', secret: SECRET, ...options })

/** Delivers one message to what answers with these statuses, and gives the requests and the failures. */
async function delivered(options: Partial<UploadWebhookOptions>, ...statuses: number[]) {
  const ids: unknown[] = []
  const failures: unknown[] = []
  const stub = vi.spyOn(globalThis, 'fetch').mockImplementation(async (_url, init) => {
    ids.push(new Headers(init?.headers).get('webhook-id'))
    return new Response(null, {
      status: statuses.shift() ?? 500,
      headers: { location: 'https://evil.example/' },
    })
  })
  const webhook = webhookWith({ backoff: 1, onFailure: (error) => failures.push(error), ...options })
  webhook.deliver(UPLOAD)
  await webhook.idle()
  stub.mockRestore()
  return { tries: ids.length, ids: new Set(ids).size, failures: failures.length }
}

/** Options of `uploadWebhook`. */
export const webhookRows: Rows = {
  url: {
    default: 'required',
    async check() {
      expect(await delivered({}, 204)).toEqual({ tries: 1, ids: 1, failures: 0 })
      expect(await delivered({}, 429, 408, 500, 204)).toEqual({ tries: 4, ids: 1, failures: 0 })
      expect(await delivered({}, 400)).toMatchObject({ tries: 1, failures: 1 })
      expect(await delivered({}, 302)).toMatchObject({ tries: 1, failures: 1 })
      const bad = ['', '/hook', 'ftp://hooks.example/', 'https://me:you@hooks.example/']
      await expectInvalid(...bad.map((url) => () => webhookWith({ url })))
    },
  },
  secret: {
    default: 'required',
    async check() {
      const secretOf = (bytes: number) => `whsec_${Buffer.alloc(bytes).toString('base64')}`
      for (const bytes of [24, 64]) webhookWith({ secret: secretOf(bytes) })
      const bad = ['', SECRET.slice(6), secretOf(23), secretOf(65)]
      await expectInvalid(...bad.map((secret) => () => webhookWith({ secret })))
    },
  },
  attempts: {
    default: '6',
    async check() {
      expect(await delivered({})).toEqual({ tries: 6, ids: 1, failures: 1 })
      expect(await delivered({ attempts: 2 })).toMatchObject({ tries: 2, failures: 1 })
      await expectInvalid(...[0, 21, 1.5].map((attempts) => () => webhookWith({ attempts })))
    },
  },
  backoff: {
    default: '5000',
    async check() {
      let tries = 0
      const stub = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => {
        tries++
        return new Response(null, { status: 500 })
      })
      const webhook = uploadWebhook({ url: 'https://hooks.example/', secret: SECRET, onFailure: () => {} })
      webhook.deliver(UPLOAD)
      await expect.poll(() => tries).toBe(1)
      await new Promise((resolve) => setTimeout(resolve, 100))
      expect(tries).toBe(1)
      webhook.close()
      await webhook.idle()
      stub.mockRestore()
      await expectInvalid(...[0, 60_001].map((backoff) => () => webhookWith({ backoff })))
    },
  },
  timeout: {
    default: '15000',
    async check() {
      const stub = vi.spyOn(globalThis, 'fetch').mockImplementation(
        (_url, init) =>
          new Promise((_resolve, reject) => {
            init?.signal?.addEventListener('abort', () => reject(new Error('timed out')))
          }),
      )
      const failures: unknown[] = []
      const webhook = webhookWith({ timeout: 1, attempts: 1, onFailure: (error) => failures.push(error) })
      webhook.deliver(UPLOAD)
      await webhook.idle()
      stub.mockRestore()
      expect(failures).toHaveLength(1)
      await expectInvalid(...[0, 60_001].map((timeout) => () => webhookWith({ timeout })))
    },
  },
  maxPending: {
    default: '1000',
    async check() {
      const stub = vi
        .spyOn(globalThis, 'fetch')
        .mockImplementation(async () => new Response(null, { status: 204 }))
      const failuresOf = async (messages: number, options: Partial<UploadWebhookOptions>) => {
        let failures = 0
        const webhook = webhookWith({ ...options, onFailure: () => failures++ })
        for (let at = 0; at < messages; at++) webhook.deliver(UPLOAD)
        await webhook.idle()
        return failures
      }
      expect(await failuresOf(1000, {})).toBe(0)
      expect(await failuresOf(1001, {})).toBe(1)
      expect(await failuresOf(3, { maxPending: 2 })).toBe(1)
      stub.mockRestore()
      await expectInvalid(...[0, 100_001].map((maxPending) => () => webhookWith({ maxPending })))
    },
  },
  onFailure: {
    default: 'console.error',
    async check() {
      const told: unknown[] = []
      const webhook = webhookWith({ onFailure: (error, upload) => told.push(error, upload) })
      webhook.close()
      webhook.deliver(UPLOAD)
      await webhook.idle()
      expect(told).toEqual([expect.any(Error), UPLOAD])
      const spy = vi.spyOn(console, 'error').mockImplementation(() => {})
      const silent = webhookWith({})
      silent.close()
      silent.deliver(UPLOAD)
      await silent.idle()
      expect(spy).toHaveBeenCalledOnce()
      spy.mockRestore()
    },
  },
}

/** Options of `memoryLedger`. */
export const memoryLedgerRows: Rows = {
  now: {
    default: 'Date.now',
    async check() {
      const seconds = Math.floor(Date.now() / 1000)
      const claim = { id: 'a', limit: 1, attempt: 'first' }
      expect(await memoryLedger().claim({ ...claim, expiresAt: seconds + 60 })).toBe(true)
      expect(await memoryLedger().claim({ ...claim, expiresAt: seconds - 60 })).toBe(false)
      expect(await memoryLedger({ now: () => 0 }).claim({ ...claim, expiresAt: seconds - 60 })).toBe(true)
    },
  },
}
