import { createLatchkey, type Latchkey, type LatchkeyOptions, type StorageDriver } from '@latchkey/core'
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

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
