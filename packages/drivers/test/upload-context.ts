import { join } from 'node:path'
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

export async function* zeros(size: number) {
  yield Buffer.alloc(size)
}
