import { join } from 'node:path'
import type { MultipartStorage, NativeUploads, StorageDriver } from '@latchkey/core'
import { fsDriver } from '@latchkey/drivers/fs'
import { scratchFolder } from './fs-context.js'

const HOUR_MS = 3_600_000

export const PLENTY = { maxTotal: 1e9 }

/** A driver over a root of its own, and what tests of its uploads need. */
export function setUp() {
  const root = scratchFolder()
  const { multipart } = fsDriver({ root })
  const create = (key: string, lifeMs = HOUR_MS) =>
    multipart.create(key, {
      contentType: 'text/plain',
      visibility: 'private',
      expiresAt: new Date(Date.now() + lifeMs),
    })
  return { root, multipart, create, uploads: join(root, '.latchkey/uploads') }
}

/** The uploads in parts of a driver that takes them. */
export function multipartOf({ multipart }: StorageDriver): MultipartStorage {
  if (multipart === undefined) throw new Error('the driver takes no uploads in parts')
  return multipart
}

/** The uploads of a driver that has clients send bytes to its store. */
export function uploadsOf({ presigning }: StorageDriver): NativeUploads {
  if (presigning?.uploads === undefined) throw new Error('it was given no getSignedUrl')
  return presigning.uploads
}

/** A body. */
export async function* text(content: string) {
  yield Buffer.from(content)
}

export async function* zeros(size: number) {
  yield Buffer.alloc(size)
}
