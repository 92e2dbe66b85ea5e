import { expect, test, vi } from 'vitest'
import { uploadWebhook } from '../../src/index.js'
import { receiver, SECRET, UPLOAD, webhookTo } from './receiver.js'

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('idle waits for all that is under way, also for what comes while it waits', async () => {
  const { url, received } = await receiver((response, nth) =>
    setTimeout(() => response.writeHead(nth === 1 ? 500 : 200).end(), 30),
  )
  const { webhook } = webhookTo(url)
  await webhook.idle()
  webhook.deliver(UPLOAD)
  setTimeout(() => webhook.deliver({ ...UPLOAD, etag: '"v2"' }), 10)
  await webhook.idle()
  expect(received).toHaveLength(3)
})

test('close gives up what is under way, what waits, and what comes later', async () => {
  const silent = await receiver(() => {})
  const { webhook, failures } = webhookTo(silent.url)
  webhook.deliver(UPLOAD)
  const failing = await receiver((response) => response.writeHead(500).end())
  const waiting = webhookTo(failing.url, { backoff: 60_000 })
  waiting.webhook.deliver(UPLOAD)
  await vi.waitFor(() => expect(failing.received.length + silent.received.length).toBe(2))
  await pause(50)
  webhook.close()
  waiting.webhook.close()
  await Promise.all([webhook.idle(), waiting.webhook.idle()])
  expect([failures.length, waiting.failures.length]).toEqual([1, 1])
  webhook.deliver(UPLOAD)
  await webhook.idle()
  expect(silent.received).toHaveLength(1)
  expect(failures[1]).toMatch('closed')
})

test('what a receiver does not take is held up to a bound, and given up beyond it', async () => {
  const { url, received } = await receiver((response) => setTimeout(() => response.writeHead(204).end(), 100))
  const { webhook, failures } = webhookTo(url, { maxPending: 3 })
  for (let nth = 0; nth < 10; nth++) webhook.deliver({ ...UPLOAD, key: `${nth}.txt` })
  await webhook.idle()
  expect(received).toHaveLength(3)
  expect(failures).toHaveLength(7)
  expect(failures[0]).toMatch(/^3\.txt: .*3 are waiting/)
  webhook.deliver(UPLOAD)
  await webhook.idle()
  expect(received).toHaveLength(4)
})

test('an onFailure that throws harms nothing', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {})
  const { url } = await receiver((response) => response.writeHead(400).end())
  const onFailure = () => {
    throw new Error('from onFailure')
  }
  const { webhook } = webhookTo(url, { onFailure })
  webhook.deliver(UPLOAD)
  await webhook.idle()
  expect(log).toHaveBeenCalledWith(expect.objectContaining({ message: 'from onFailure' }))
  log.mockRestore()
})

test('without onFailure a message that is given up goes to the log', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {})
  const { url } = await receiver((response) => response.writeHead(400).end())
  const webhook = uploadWebhook({ url, secret: SECRET })
  webhook.deliver(UPLOAD)
  await webhook.idle()
  expect(log).toHaveBeenCalledOnce()
  log.mockRestore()
})

const BASE64 = (bytes: number) => Buffer.alloc(bytes, 1).toString('base64')

test.each([
  ['no prefix', { secret: BASE64(32) }],
  ['another prefix', { secret: `whpk_${BASE64(32)}` }],
  ['nothing behind it', { secret: 'whsec_' }],
  ['23 bytes', { secret: `whsec_${BASE64(23)}` }],
  ['65 bytes', { secret: `whsec_${BASE64(65)}` }],
  ['no base64', { secret: `whsec_${'!'.repeat(44)}` }],
  ['white space', { secret: `whsec_${BASE64(32)} ` }],
  ['base64url', { secret: `whsec_${Buffer.alloc(32, 0xff).toString('base64url')}` }],
  ['another scheme', { url: 'ftp://example.com/' }],
  ['a path', { url: '/hook' }],
  ['credentials', { url: 'https://user:password@example.com/' }],
  ['no attempts', { attempts: 0 }],
  ['too many attempts', { attempts: 21 }],
  ['half a millisecond', { backoff: 0.5 }],
  ['an endless timeout', { timeout: Number.POSITIVE_INFINITY }],
  ['room for none', { maxPending: 0 }],
  ['room for too many', { maxPending: 100_001 }],
])('options with %s are refused', (_name, options) => {
  const base = { url: 'https://example.com/hook', secret: SECRET }
  expect(() => uploadWebhook({ ...base, ...options })).toThrow(
    expect.objectContaining({ code: 'invalid_option' }),
  )
})

test.each([24, 64])('a secret of %i bytes is taken', (bytes) => {
  uploadWebhook({ url: 'https://example.com/hook', secret: `whsec_${BASE64(bytes)}` })
})
