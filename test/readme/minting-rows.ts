import { type CompletedUpload, type LatchkeyOptions, uploadWebhook } from '@latchkey/core'
import { expect } from 'vitest'
import { memoryLedger } from '../../packages/ledgers/src/memory/index.js'
import { codeOf, expectInvalid, latchkeyWith, NOW, post, read, send, textOf, upload } from './exchange.js'
import type { Rows } from './rows.js'

const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

/** Asks for a URL to upload to. */
async function asked(options: Partial<LatchkeyOptions>, body: object = { key: 'a' }) {
  return post(latchkeyWith({ authorize: () => ({}), ...options }), '/files/signed-uploads', body)
}

/** Options of `createLatchkey` about URLs that are signed over HTTP. */
export const mintingRows: Rows = {
  authorize: {
    default: 'none',
    async check() {
      expect((await asked({})).status).toBe(200)
      expect(codeOf(await post(latchkeyWith(), '/files/signed-uploads', { key: 'a' }))).toBe(
        'method_not_allowed',
      )
      for (const denial of ['unauthorized', 'forbidden', 'not_found'] as const) {
        expect(codeOf(await asked({ authorize: () => denial }))).toBe(denial)
      }
      for (const other of [true, false, undefined, null, 'yes', []]) {
        expect(codeOf(await asked({ authorize: () => other as never }))).toBe('forbidden')
      }
      const chosen = await asked({ authorize: () => ({ key: 'mine' }) }, {})
      expect(JSON.parse(await textOf(chosen))).toMatchObject({ key: 'mine' })
      const removing = async (operations: ('get' | 'delete')[]) => {
        const files = latchkeyWith({ authorize: () => ({ operations }) })
        await upload(files, 'a')
        return (await post(files, '/files/a/signed-url', { operation: 'delete' })).status
      }
      expect([await removing(['delete']), await removing(['get'])]).toEqual([200, 403])
      const narrowed = await asked({ authorize: () => ({ expiresIn: 60 }) }, { key: 'a', expiresIn: 600 })
      const { expires_at } = JSON.parse(await textOf(narrowed)) as { expires_at: string }
      expect(Date.parse(expires_at)).toBe(NOW + 60_000)
      await expectInvalid(() => latchkeyWith({ authorize: 'everyone' as never }))
    },
  },
  rateLimit: {
    default: 'none',
    async check() {
      for (let times = 0; times < 3; times++) expect((await asked({})).status).toBe(200)
      await expectInvalid(() => latchkeyWith({ rateLimit: {} as never }))
    },
  },
  'rateLimit.limiter': {
    default: 'required',
    async check() {
      const taken: unknown[] = []
      const limiter = {
        consume: async (...points: unknown[]) => {
          taken.push(points)
          if (taken.length > 2) throw { msBeforeNext: 1500 }
        },
      }
      const options = { rateLimit: { limiter, keyOf: () => 'ada' } }
      const files = latchkeyWith({ authorize: () => ({}), ...options })
      await upload(files, 'a')
      expect((await asked(options)).status).toBe(200)
      const batch = { urls: [{ key: 'a' }, { key: 'b' }] }
      expect((await post(files, '/files/signed-urls', batch)).status).toBe(200)
      expect(taken).toEqual([
        ['ada', 1],
        ['ada', 2],
      ])
      const refused = await asked(options)
      expect(codeOf(refused)).toBe('rate_limit_exceeded')
      expect(refused.headers['retry-after']).toBe('2')
    },
  },
  'rateLimit.keyOf': {
    default: 'required',
    async check() {
      const limiter = { consume: async () => {} }
      const withKey = (key: string) => asked({ rateLimit: { limiter, keyOf: () => key }, onError: () => {} })
      expect((await withKey('ada')).status).toBe(200)
      expect(codeOf(await withKey(''))).toBe('rate_limiter_unavailable')
    },
  },
}

/** Options of `createLatchkey` about uploads that are stored, and downloads that are counted. */
export const completionRows: Rows = {
  onUploadCompleted: {
    default: 'none',
    async check() {
      const told: CompletedUpload[] = []
      const onUploadCompleted = (completed: CompletedUpload) => void told.push(completed)
      await upload(
        latchkeyWith({ onUploadCompleted }),
        'a',
        { body: 'hello' },
        { payload: 'p', subject: 's' },
      )
      expect(told).toMatchObject([{ key: 'a', size: 5, payload: 'p', subject: 's', created: true }])
    },
  },
  webhook: {
    default: 'none',
    async check() {
      const told: string[] = []
      const webhook = uploadWebhook({ url: 'http://localhost/', secret: WEBHOOK_SECRET })
      webhook.deliver = ({ key }) => void told.push(key)
      await upload(latchkeyWith({ webhook }), 'a')
      expect(told).toEqual(['a'])
    },
  },
  multipart: {
    default: 'see below',
    check: async () => expect(await begun({ multipart: {} })).toEqual(await begun({})),
  },
  'multipart.ttl': {
    default: '24h',
    async check() {
      expect((await begun({})).life).toBe(86_400)
      expect((await begun({ multipart: { ttl: '1h' } })).life).toBe(3600)
      await expectInvalid(...[59, 604_801].map((ttl) => () => latchkeyWith({ multipart: { ttl } })))
    },
  },
  'multipart.partSize': {
    default: '8mb',
    async check() {
      expect((await begun({})).partSize).toBe(8 * 1024 ** 2)
      expect((await begun({ multipart: { partSize: '64kb' } })).partSize).toBe(65_536)
      const bad = [65_535, 5 * 1024 ** 3 + 1]
      await expectInvalid(...bad.map((partSize) => () => latchkeyWith({ multipart: { partSize } })))
    },
  },
  ledger: {
    default: 'none',
    async check() {
      const files = latchkeyWith({ ledger: memoryLedger({ now: () => NOW }) })
      await upload(files, 'a')
      expect((await read(files, 'a', { maxDownloads: 1 })).status).toBe(200)
      const { url } = await files.signedUrl('a', { maxDownloads: 1 })
      const without = latchkeyWith({ storage: files.storage, onError: () => {} })
      expect(codeOf(await send(without, 'GET', url))).toBe('ledger_unavailable')
      await expectInvalid(
        () => latchkeyWith().signedUrl('a', { maxDownloads: 1 }),
        () => latchkeyWith({ ledger: {} as never }),
      )
    },
  },
  revocable: {
    default: 'false',
    async check() {
      const ledger = memoryLedger({ now: () => NOW })
      const files = latchkeyWith({ ledger, revocable: true })
      const { url } = await files.signedUrl('a')
      const { url: unmarked } = await latchkeyWith().signedUrl('a', { subject: 'ada' })
      for (const each of [url, unmarked]) expect(codeOf(await send(files, 'GET', each))).toBe('not_found')
      await files.revoke({ url })
      await files.revoke({ subject: 'ada' })
      for (const each of [url, unmarked]) expect(codeOf(await send(files, 'GET', each))).toBe('revoked')
      const usual = latchkeyWith({ ledger })
      expect(codeOf(await send(usual, 'GET', unmarked))).toBe('not_found')
      await expectInvalid(
        () => latchkeyWith({ revocable: true }),
        () => files.signedUrl('a', { revocable: false }),
      )
    },
  },
}

async function begun(options: Partial<LatchkeyOptions>) {
  const reply = await asked(options, { key: 'a', multipart: true })
  const told = JSON.parse(await textOf(reply)) as { partSize: number; uploadExpiresAt: string }
  return { partSize: told.partSize, life: (Date.parse(told.uploadExpiresAt) - NOW) / 1000 }
}
