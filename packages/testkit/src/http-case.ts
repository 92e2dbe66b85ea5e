import assert from 'node:assert/strict'
import {
  createLatchkey,
  type DriverCapabilities,
  type Latchkey,
  type LatchkeyOptions,
  resolveCapabilities,
  type StorageDriver,
  type WriteOptions,
  type WriteResult,
} from '@latchkey/core'
import { type TrackedDriver, trackHandles } from './http-cases/track-handles.js'

/** One rule of Latchkey's HTTP behaviour, checked over a real connection. */
export interface HttpCase {
  readonly name: string
  /** What the storage must be able to do; a case with an unmet need is skipped, by name. */
  readonly needs?: readonly (keyof DriverCapabilities | 'setVisibility' | 'multipart')[]
  /** What differs from the usual options. */
  readonly options?: Partial<LatchkeyOptions>
  /** Puts faults into the storage that is served; `context.driver` stays the sound one. */
  readonly storage?: (driver: StorageDriver) => StorageDriver
  run(context: HttpCaseContext): Promise<void>
}

/** A clock that stands still until it is moved. */
export interface CaseClock {
  /** Milliseconds. */
  now(): number
  advance(ms: number): void
}

/** What a case gets: a Latchkey of its own behind a server of its own, and an empty storage. */
export interface HttpCaseContext {
  readonly files: Latchkey
  readonly driver: StorageDriver
  /** `http://127.0.0.1:` and a port. */
  readonly origin: string
  /** The path that the adapter is mounted at. */
  readonly mount: string
  readonly clock: CaseClock
  /** Stores an object past HTTP. */
  put(key: string, bytes: Uint8Array | string, options?: Partial<WriteOptions>): Promise<WriteResult>
  /** A Latchkey over the same storage that differs in these options; it is not served. */
  another(options: Partial<LatchkeyOptions>): Latchkey
  /** Another server over the same storage, whose Latchkey differs in these options; closed with the case. */
  serve(options: Partial<LatchkeyOptions>): Promise<HttpCaseContext>
  /** What requests have left behind: temporary files, open handles. Empty when all is well. */
  leftovers(): Promise<string[]>
}

/** A server that an adapter, or anything else that calls `Latchkey.handle`, runs in. */
export interface Host {
  readonly name: string
  start(files: Latchkey, mount: string): Promise<RunningHost>
}

/** A host that listens. */
export interface RunningHost {
  readonly origin: string
  close(): Promise<void>
}

/** An empty storage. */
export interface CaseStorage {
  readonly driver: StorageDriver
  /** Temporary files and open handles of this storage. */
  leftovers(): Promise<string[]>
  close(): Promise<void>
}

/** Where a case runs. */
export interface HttpCaseSetup {
  readonly host: Host
  openStorage(): Promise<CaseStorage>
}

/** The path that cases mount at: nested, as in an app with an API. */
export const CASE_MOUNT = '/api/v1/files'

/** The signing key of the cases. */
export const CASE_KEY = { id: 'k1', secret: 'the secret of the conformance cases' } as const

/** Runs a case. `skipped` says why it could not, where the storage lacks what it needs. */
export async function runHttpCase(httpCase: HttpCase, setup: HttpCaseSetup): Promise<{ skipped?: string }> {
  const storage = await setup.openStorage()
  try {
    const { capabilities, setVisibility, multipart } = storage.driver
    const able = {
      ...resolveCapabilities(capabilities),
      setVisibility: setVisibility !== undefined,
      multipart: multipart !== undefined,
    }
    const lacking = httpCase.needs?.filter((need) => !able[need]) ?? []
    if (lacking.length > 0)
      return { skipped: `needs ${lacking.join(', ')}, which this storage does not have` }
    await runOver(storage, httpCase, setup.host)
    return {}
  } finally {
    await storage.close()
  }
}

async function runOver(storage: CaseStorage, httpCase: HttpCase, host: Host): Promise<void> {
  const running: RunningHost[] = []
  const watched: TrackedDriver[] = []
  const leftovers = async (): Promise<string[]> => [
    ...(await storage.leftovers()),
    ...watched.flatMap((served) => served.open()),
  ]
  const start = async (options: LatchkeyOptions): Promise<HttpCaseContext> => {
    const served = trackHandles(options.storage)
    watched.push(served)
    const files = createLatchkey({ ...options, storage: served.driver })
    const started = await host.start(files, CASE_MOUNT)
    running.push(started)
    return {
      files,
      driver: storage.driver,
      origin: started.origin,
      mount: CASE_MOUNT,
      clock,
      put: (key, bytes, writeOptions) => put(storage.driver, key, bytes, writeOptions),
      another: (others) => createLatchkey({ ...options, storage: served.driver, ...others }),
      serve: (others) => start({ ...options, ...others }),
      leftovers,
    }
  }
  const clock = caseClock()
  try {
    const context = await start({
      baseUrl: `https://files.example${CASE_MOUNT}`,
      keys: [CASE_KEY],
      storage: httpCase.storage?.(storage.driver) ?? storage.driver,
      now: clock.now,
      ...httpCase.options,
    })
    await httpCase.run(context)
    await assertNothingLeft(context)
  } finally {
    await Promise.all(running.map((started) => started.close()))
  }
}

/** A minute ahead, so that what a case stores is older than its first request. */
function caseClock(): CaseClock {
  let ms = Math.ceil(Date.now() / 1000) * 1000 + 60_000
  return {
    now: () => ms,
    advance: (by) => {
      ms += by
    },
  }
}

function put(
  driver: StorageDriver,
  key: string,
  bytes: Uint8Array | string,
  options: Partial<WriteOptions> = {},
): Promise<WriteResult> {
  async function* body(): AsyncGenerator<Uint8Array> {
    yield typeof bytes === 'string' ? Buffer.from(bytes) : bytes
  }
  return driver.write(key, body(), {
    contentType: 'application/octet-stream',
    visibility: 'private',
    ...options,
  })
}

const PATIENCE_MS = 4_000

/** Asserts that all handles are closed and all temporary files gone, within moments. */
export async function assertNothingLeft(context: HttpCaseContext): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  let left = await context.leftovers()
  while (left.length > 0 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    left = await context.leftovers()
  }
  assert.deepEqual(left, [], 'left behind')
}
