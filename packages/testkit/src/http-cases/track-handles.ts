import type { Bytes, StorageDriver, StoredObject } from '@latchkey/core'

/** A driver that knows which of the objects it opened were not released. */
export interface TrackedDriver {
  readonly driver: StorageDriver
  open(): string[]
}

/** Watches the objects that a driver opens, so that a leak shows with drivers that hold no files, too. */
export function trackHandles(driver: StorageDriver): TrackedDriver {
  const held = new Map<symbol, string>()
  return {
    driver: {
      capabilities: driver.capabilities,
      stat: (key) => driver.stat(key),
      write: (key, body, options) => driver.write(key, body, options),
      delete: (key, precondition) => driver.delete(key, precondition),
      ...(driver.setVisibility !== undefined && { setVisibility: driver.setVisibility.bind(driver) }),
      ...(driver.multipart !== undefined && { multipart: driver.multipart }),
      open: async (key, options) => {
        const object = await driver.open(key, options)
        return object === null ? null : trackObject(object, key, held)
      },
    },
    open: () => [...held.values()],
  }
}

function trackObject(object: StoredObject, key: string, held: Map<symbol, string>): StoredObject {
  const handle = Symbol(key)
  let wasRead = false
  held.set(handle, `open handle of ${key}`)
  const release = (): void => {
    held.delete(handle)
  }
  return {
    stat: object.stat,
    async read(range) {
      const bytes = await object.read(range)
      wasRead = true
      if (!(bytes instanceof Uint8Array)) return trackBytes(bytes, release)
      release()
      return bytes
    },
    async close() {
      // After `read`, whose result owns it, closing releases nothing.
      if (!wasRead) release()
      await object.close()
    },
  }
}

function trackBytes(bytes: Bytes, release: () => void): Bytes {
  return {
    [Symbol.asyncIterator]() {
      const iterator = bytes[Symbol.asyncIterator]()
      return {
        async next() {
          try {
            const result = await iterator.next()
            if (result.done === true) release()
            return result
          } catch (error) {
            release()
            throw error
          }
        },
        async return() {
          release()
          await iterator.return?.()
          return { done: true, value: undefined }
        },
      }
    },
  }
}
