import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Something done in a folder of its own, which is gone afterwards.
 *
 * @template T
 * @param {(root: string) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withFolder(work) {
  const root = mkdtempSync(join(tmpdir(), 'bench-'))
  const remove = () => rmSync(root, { recursive: true, force: true })
  process.once('exit', remove)
  try {
    return await work(root)
  } finally {
    process.off('exit', remove)
    remove()
  }
}
