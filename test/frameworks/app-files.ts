import {
  type Bytes,
  createLatchkey,
  type Latchkey,
  type LatchkeyOptions,
  type StorageDriver,
} from '@latchkey/core'
import { memoryDriver } from '@latchkey/drivers/memory'

/** A Latchkey over memory for an app of a test. `faults` gets what `onError` is told. */
export interface AppFiles {
  readonly files: Latchkey
  readonly driver: StorageDriver
  readonly faults: unknown[]
  put(key: string, text: string): Promise<void>
}

/** Makes one whose URLs begin with `mount`. */
export function appFiles(mount: string, options: Partial<LatchkeyOptions> = {}): AppFiles {
  const driver = options.storage ?? memoryDriver()
  const faults: unknown[] = []
  const files = createLatchkey({
    baseUrl: mount,
    keys: [{ id: 'k1', secret: 'the secret of the framework tests' }],
    storage: driver,
    onError: (error) => faults.push(error),
    ...options,
  })
  return {
    files,
    driver,
    faults,
    put: async (key, text) => {
      await driver.write(key, bytesOf(text), { contentType: 'text/plain', visibility: 'private' })
    },
  }
}

/** A storage that fails with an error of its own. */
export function brokenStorage(error: Error): StorageDriver {
  const fail = async (): Promise<never> => {
    throw error
  }
  const { capabilities } = memoryDriver()
  return { capabilities, stat: fail, open: fail, write: fail, delete: fail }
}

/** A storage of private objects that are made up as they are asked for. Nobody writes to it. */
export function madeUpStorage(
  sizeOf: (key: string) => number,
  read: (key: string) => Bytes | Uint8Array,
): StorageDriver {
  const statOf = (key: string) => ({
    size: sizeOf(key),
    etag: '"1"',
    lastModified: new Date(0),
    visibility: 'private' as const,
  })
  return {
    ...brokenStorage(new Error('nobody writes here')),
    capabilities: { ranges: false, conditionalWrites: false, metadata: false },
    stat: async (key) => statOf(key),
    open: async (key) => ({ stat: statOf(key), read: () => read(key), close: async () => {} }),
  }
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
