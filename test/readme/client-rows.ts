import { type UploadOptions, upload as uploadFile } from '@latchkey/client'
import type { CompletedUpload, Latchkey, LatchkeyOptions } from '@latchkey/core'
import { expect, vi } from 'vitest'
import { latchkeyWith, send, textOf } from './exchange.js'
import type { Rows } from './rows.js'

const ENDPOINT = 'https://app.example.com/files'
const KB = 1024
const MB = 1024 * KB

interface Sent {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  readonly at: number
}

/** What an upload sent, told and gave. */
interface Outcome {
  readonly sent: readonly Sent[]
  readonly stored: Awaited<ReturnType<typeof uploadFile>> | undefined
  readonly code: unknown
  readonly completed: readonly CompletedUpload[]
  readonly atOnce: number
}

/** Uploads to a Latchkey behind `fetch`, of which the first answers may be others. */
async function uploaded(
  file: Blob | Uint8Array,
  options: Partial<UploadOptions>,
  others: number[] = [],
  settings: Partial<LatchkeyOptions> = {},
): Promise<Outcome> {
  const completed: CompletedUpload[] = []
  const sent: Sent[] = []
  let [underWay, atOnce] = [0, 0]
  const files: Latchkey = latchkeyWith({
    baseUrl: ENDPOINT,
    now: Date.now,
    authorize: () => ({}),
    onUploadCompleted: (one) => void completed.push(one),
    ...settings,
  })
  const stub = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init = {}) => {
    const url = String(input)
    const { method = 'GET' } = init
    const headers = new Headers(init.headers)
    sent.push({ method, url, headers, at: Date.now() })
    const other = others.shift()
    if (other !== undefined) return answer('', url, other)
    atOnce = Math.max(atOnce, ++underWay)
    const bytes = new Uint8Array(await new Response(init.body ?? null).arrayBuffer())
    if (init.body instanceof Blob && init.body.type !== '' && !headers.has('content-type')) {
      headers.set('content-type', init.body.type)
    }
    const sentOn = { headers: Object.fromEntries(headers), ...(init.body != null && { body: bytes }) }
    const reply = await send(files, method, url, sentOn)
    const text = await textOf(reply)
    underWay--
    return answer(text, url, reply.status, reply.headers)
  })
  try {
    const stored = await uploadFile(file, { endpoint: ENDPOINT, key: 'a', ...options })
    return { sent, stored, code: undefined, completed, atOnce }
  } catch (error) {
    const { code } = error as { code?: unknown }
    return { sent, stored: undefined, code, completed, atOnce }
  } finally {
    stub.mockRestore()
  }
}

function answer(text: string, url: string, status: number, headers: Readonly<Record<string, string>> = {}) {
  const body = status === 204 || status === 304 ? null : text
  return Object.defineProperty(new Response(body, { status, headers }), 'url', { value: url })
}

const blob = (size: number, type = 'text/plain') => new Blob([new Uint8Array(size)], { type })
const partsOf = ({ sent }: Outcome) => sent.filter(({ url }) => url.includes('partNumber=')).length

/** Options of `upload` of the client. */
export const clientRows: Rows = {
  endpoint: {
    default: 'required',
    async check() {
      const { sent, stored } = await uploaded(blob(5), { endpoint: `${ENDPOINT}/` })
      expect(sent[0]).toMatchObject({ method: 'POST', url: `${ENDPOINT}/signed-uploads` })
      expect(stored).toEqual({
        key: 'a',
        size: 5,
        contentType: 'text/plain',
        etag: expect.any(String),
        visibility: 'private',
      })
      expect((await uploaded(new Uint8Array(5), {})).stored?.size).toBe(5)
    },
  },
  key: {
    default: 'none',
    async check() {
      const authorize = () => ({ key: 'mine' })
      expect((await uploaded(blob(5), { key: 'b/c' })).stored?.key).toBe('b/c')
      expect((await uploaded(blob(5), { key: 'b/c' }, [], { authorize })).stored?.key).toBe('mine')
    },
  },
  payload: {
    default: 'none',
    async check() {
      expect((await uploaded(blob(5), { payload: 'order 7' })).completed).toMatchObject([
        { payload: 'order 7' },
      ])
      expect((await uploaded(blob(5), { payload: 'a'.repeat(2049) })).code).toBe('bad_request')
    },
  },
  contentType: {
    default: 'the file’s',
    async check() {
      expect((await uploaded(blob(5, 'image/png'), {})).stored?.contentType).toBe('image/png')
      expect((await uploaded(blob(5), { contentType: 'image/gif' })).stored?.contentType).toBe('image/gif')
      expect((await uploaded(blob(5, ''), { key: 'a.css' })).stored?.contentType).toMatch(/^text\/css/)
    },
  },
  onProgress: {
    default: 'none',
    async check() {
      const told: unknown[] = []
      await uploaded(blob(5), { onProgress: (progress) => told.push({ ...progress }) })
      expect(told.at(-1)).toEqual({ loaded: 5, total: 5 })
    },
  },
  signal: {
    default: 'none',
    async check() {
      expect((await uploaded(blob(5), { signal: AbortSignal.abort() })).code).toBe('aborted')
    },
  },
  multipart: {
    default: 'see below',
    async check() {
      expect(partsOf(await uploaded(blob(5), { multipart: true }))).toBe(1)
      expect(partsOf(await uploaded(blob(16 * MB), { multipart: false }))).toBe(0)
    },
  },
  'multipart.threshold': {
    default: '16777216',
    async check() {
      expect(partsOf(await uploaded(blob(16 * MB - 1), {}))).toBe(0)
      expect(partsOf(await uploaded(blob(16 * MB), {}))).toBe(2)
      expect(partsOf(await uploaded(blob(5), { multipart: { threshold: 5 } }))).toBe(1)
    },
  },
  'multipart.partSize': {
    default: 'the server’s',
    async check() {
      const parts = (multipart: object) =>
        uploaded(blob(200 * KB), { multipart: { threshold: 1, ...multipart } })
      expect(partsOf(await parts({}))).toBe(1)
      expect(partsOf(await parts({ partSize: 100 * KB }))).toBe(2)
    },
  },
  'multipart.concurrency': {
    default: '4',
    async check() {
      const multipart = { threshold: 1, partSize: KB }
      expect((await uploaded(blob(8 * KB), { multipart })).atOnce).toBe(4)
      expect((await uploaded(blob(8 * KB), { multipart: { ...multipart, concurrency: 1 } })).atOnce).toBe(1)
    },
  },
  headers: {
    default: 'none',
    async check() {
      const authorization = 'Bearer x'
      const seen = async (headers: NonNullable<UploadOptions['headers']>) =>
        (await uploaded(blob(5), { headers })).sent.map((one) => one.headers.get('authorization'))
      expect(await seen({ authorization })).toEqual([authorization, null])
      expect(await seen(async () => ({ authorization }))).toEqual([authorization, null])
    },
  },
  retries: {
    default: 'see below',
    async check() {
      expect((await uploaded(blob(5), { retries: 0 }, [503])).sent).toHaveLength(1)
    },
  },
  'retries.limit': {
    default: '5',
    async check() {
      const failing = (retries: object) =>
        uploaded(blob(5), { retries: { baseDelay: 1, ...retries } }, Array(9).fill(503))
      expect((await failing({})).sent).toHaveLength(6)
      expect((await failing({ limit: 2 })).sent).toHaveLength(3)
    },
  },
  'retries.baseDelay': {
    default: '500',
    async check() {
      const random = vi.spyOn(Math, 'random').mockReturnValue(1)
      const waits = async (retries: object) => {
        const { sent } = await uploaded(blob(5), { retries }, [503, 503])
        return sent.slice(0, 3).map(({ at }) => at - (sent[0]?.at ?? 0))
      }
      const [, first = 0, second = 0] = await waits({})
      expect(first).toBeGreaterThanOrEqual(495)
      expect(second).toBeGreaterThanOrEqual(1495)
      expect((await waits({ baseDelay: 1 }))[2]).toBeLessThan(495)
      random.mockRestore()
    },
  },
  'retries.maxDelay': {
    default: '30000',
    async check() {
      const random = vi.spyOn(Math, 'random').mockReturnValue(1)
      const begin = Date.now()
      await uploaded(blob(5), { retries: { maxDelay: 1 } }, [503, 503, 503])
      expect(Date.now() - begin).toBeLessThan(1000)
      random.mockRestore()
    },
  },
  storage: {
    default: 'localStorage',
    async check() {
      const kept = new Map<string, string>()
      const names: string[] = []
      const storage = {
        getItem: (name: string) => kept.get(name) ?? null,
        setItem: (name: string, value: string) => {
          names.push(name)
          kept.set(name, value)
        },
        removeItem: (name: string) => void kept.delete(name),
      }
      const file = new File([new Uint8Array(5)], 'a')
      expect((await uploaded(file, { storage, multipart: true })).stored?.size).toBe(5)
      expect(names.length).toBeGreaterThan(0)
      expect(kept.size).toBe(0)
      const page = { ...storage }
      vi.stubGlobal('localStorage', page)
      vi.stubGlobal('document', {})
      names.length = 0
      await uploaded(file, { multipart: true })
      expect(names.length).toBeGreaterThan(0)
      names.length = 0
      await uploaded(file, { storage: null, multipart: true })
      expect(names).toEqual([])
      vi.unstubAllGlobals()
    },
  },
}
