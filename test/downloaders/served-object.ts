import {
  type ByteRange,
  createLatchkey,
  type GateRequest,
  type Latchkey,
  type StorageDriver,
} from '@latchkey/core'
import { memoryDriver } from '@latchkey/drivers/memory'
import { memoryLedger } from '@latchkey/ledgers/memory'
import type { Host, RunningHost } from '@latchkey/testkit'

/** A request that was answered. */
interface Answered {
  readonly method: string
  readonly range: string | undefined
  readonly status: number
}

/** An object behind an app, whose links can be used by programs. */
export interface ServedObject {
  readonly files: Latchkey
  readonly answered: Answered[]
  /** Moves the clock of the app and of its ledger. */
  elapse(ms: number): void
  /** The link as programs reach it. */
  link(options: Parameters<Latchkey['signedUrl']>[1]): Promise<string>
  close(): Promise<void>
}

/** How an object is sent. */
export interface Sending {
  readonly contentType?: string
  /** A pause before each 64 KiB, so that a download takes its time. */
  readonly pauseMs?: number
  /** Where the first reading breaks off. */
  readonly breaksAt?: number
}

const CHUNK = 64 * 1024

/** Serves an object with a ledger, in memory. */
export async function serveObject(
  host: Host,
  key: string,
  bytes: Uint8Array,
  sending: Sending = {},
): Promise<ServedObject> {
  const driver = memoryDriver()
  await driver.write(key, once(bytes), {
    contentType: sending.contentType ?? 'application/octet-stream',
    visibility: 'private',
  })
  const answered: Answered[] = []
  let ahead = 60_000
  const now = () => Date.now() + ahead
  const latchkey = createLatchkey({
    baseUrl: '/files',
    keys: [{ id: 'k1', secret: 'the secret of the tests with downloaders' }],
    storage: sentSlowly(driver, bytes, sending),
    ledger: memoryLedger({ now }),
    onError: () => {},
    now,
  })
  const files: Latchkey = {
    ...latchkey,
    async handle(request: GateRequest) {
      const reply = await latchkey.handle(request)
      answered.push({ method: request.method, range: request.header('range'), status: reply.status })
      return reply
    },
  }
  const running: RunningHost = await host.start(files, '/files')
  return {
    files,
    answered,
    elapse: (ms) => {
      ahead += ms
    },
    link: async (options) => running.origin + (await files.signedUrl(key, options)).url,
    close: () => running.close(),
  }
}

function sentSlowly(
  driver: StorageDriver,
  bytes: Uint8Array,
  { pauseMs = 0, breaksAt }: Sending,
): StorageDriver {
  let breaks = breaksAt
  async function* sent(first: number, end: number): AsyncGenerator<Uint8Array> {
    const broken = breaks
    breaks = undefined
    for (let at = first; at < end; at += CHUNK) {
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs))
      if (broken !== undefined && at >= broken) throw new Error('the disk is gone')
      yield bytes.subarray(at, Math.min(at + CHUNK, end))
    }
  }
  const open = driver.open.bind(driver)
  driver.open = async (key) => {
    const object = await open(key)
    if (object === null) return null
    const read = async (range?: ByteRange) =>
      sent(range?.first ?? 0, (range?.last ?? bytes.byteLength - 1) + 1)
    return { stat: object.stat, read, close: () => object.close() }
  }
  return driver
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
