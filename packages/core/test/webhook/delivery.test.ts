import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { receiver, SECRET, UPLOAD, webhookTo } from './receiver.js'

test('a message is one that the reference implementation verifies', async () => {
  const { url, received } = await receiver()
  const { webhook, failures } = webhookTo(url)
  const before = Math.floor(Date.now() / 1000)
  webhook.deliver(UPLOAD)
  await webhook.idle()
  const [message] = received
  expect(message?.method).toBe('POST')
  expect(message?.headers).toMatchObject({ 'content-type': 'application/json' })
  const { body = '', headers = {} } = message ?? {}
  const verified = new Webhook(SECRET).verify(body, headers)
  expect(verified).toEqual({ type: 'upload.completed', timestamp: expect.any(String), data: UPLOAD })
  expect(new Date(JSON.parse(body).timestamp).toISOString()).toBe(JSON.parse(body).timestamp)
  expect(Number(headers['webhook-timestamp'])).toBeGreaterThanOrEqual(before)
  expect(headers['webhook-id']).toMatch(/^msg_[\w-]{27}$/)
  expect(failures).toEqual([])
})

test('another secret, id, time or body does not verify', async () => {
  const { url, received } = await receiver()
  const { webhook } = webhookTo(url)
  webhook.deliver(UPLOAD)
  await webhook.idle()
  const { body = '', headers = {} } = received[0] ?? {}
  const other = `whsec_${Buffer.alloc(32, 8).toString('base64')}`
  expect(() => new Webhook(other).verify(body, headers)).toThrow()
  expect(() => new Webhook(SECRET).verify(`${body} `, headers)).toThrow()
  const time = String(Number(headers['webhook-timestamp']) - 1)
  expect(() => new Webhook(SECRET).verify(body, { ...headers, 'webhook-timestamp': time })).toThrow()
  expect(() => new Webhook(SECRET).verify(body, { ...headers, 'webhook-id': 'msg_x' })).toThrow()
})

test.each([500, 502, 503, 429, 408])(
  'after %i it is tried again: the same id and body, each try verifiable',
  async (status) => {
    const { url, received } = await receiver((response, nth) =>
      response.writeHead(nth < 3 ? status : 200).end('text'),
    )
    const { webhook, failures } = webhookTo(url)
    webhook.deliver(UPLOAD)
    await webhook.idle()
    expect(received).toHaveLength(3)
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(new Set(received.map(({ body }) => body)).size).toBe(1)
    for (const { body, headers } of received) new Webhook(SECRET).verify(body, headers)
    expect(failures).toEqual([])
  },
)

test.each([400, 401, 404, 409, 410, 422])('after %i it is given up', async (status) => {
  const { url, received } = await receiver((response) => response.writeHead(status).end())
  const { webhook, failures } = webhookTo(url)
  webhook.deliver(UPLOAD)
  await webhook.idle()
  expect(received).toHaveLength(1)
  expect(failures).toEqual([expect.stringMatching(`^dir/ä.txt: .*answered ${status}`)])
})

test.each([301, 302, 303, 307, 308])(
  'a redirect with %i is neither followed nor tried again',
  async (status) => {
    const elsewhere = await receiver()
    const { url, received } = await receiver((response) =>
      response.writeHead(status, { location: elsewhere.url }).end(),
    )
    const { webhook, failures } = webhookTo(url)
    webhook.deliver(UPLOAD)
    await webhook.idle()
    expect([received.length, elsewhere.received.length, failures.length]).toEqual([1, 0, 1])
  },
)

test('a network error and a receiver that never answers are tried again, then given up', async () => {
  const reset = await receiver((response) => response.socket?.resetAndDestroy())
  const silent = await receiver(() => {})
  for (const { url, received } of [reset, silent]) {
    const { webhook, failures } = webhookTo(url, { attempts: 3, timeout: 150 })
    webhook.deliver(UPLOAD)
    await webhook.idle()
    expect(received).toHaveLength(3)
    expect(failures).toEqual([expect.stringMatching('not delivered')])
  }
})

test('the waits double, with jitter between half and the whole', async () => {
  const { url, received } = await receiver((response) => response.writeHead(500).end())
  const { webhook } = webhookTo(url, { attempts: 4, backoff: 100 })
  webhook.deliver(UPLOAD)
  await webhook.idle()
  const waits = received.slice(1).map(({ at }, nth) => at - (received[nth]?.at ?? 0))
  expect(waits).toHaveLength(3)
  for (const [nth, least] of [50, 100, 200].entries()) expect(waits[nth]).toBeGreaterThanOrEqual(least - 5)
})

test('the id follows from key and version', async () => {
  const { url, received } = await receiver()
  const { webhook } = webhookTo(url)
  for (const upload of [UPLOAD, UPLOAD, { ...UPLOAD, etag: '"v2"' }, { ...UPLOAD, key: 'dir/b.txt' }]) {
    webhook.deliver(upload)
  }
  await webhook.idle()
  expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(3)
})
