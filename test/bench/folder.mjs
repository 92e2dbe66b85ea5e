import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** @type {Set<string>} */
const left = new Set()
process.once('exit', () => left.forEach(remove))

/**
 * Something done in a folder of its own, which is gone afterwards.
 *
 * @template T
 * @param {(root: string) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withFolder(work) {
  const root = makeFolder()
  try {
    return await work(root)
  } finally {
    remove(root)
  }
}

/**
 * As `withFolder`, but only what the files hold is gone afterwards, and they themselves at the end of the process. For
 * minutes ext4 does not take the inode of a file that was removed, and passes over each of them when it looks for one: who is
 * measured next would pay for the files of who was before.
 *
 * @template T
 * @param {(root: string) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withEmptiedFolder(work) {
  const root = makeFolder()
  try {
    return await work(root)
  } finally {
    emptyFiles(root)
  }
}

/**
 * Takes away what the files in a folder hold.
 *
 * @param {string} root
 */
export function emptyFiles(root) {
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) truncateSync(join(entry.parentPath ?? entry.path, entry.name))
  }
}

/** @param {string} root */
function remove(root) {
  rmSync(root, { recursive: true, force: true })
  left.delete(root)
}

function makeFolder() {
  const root = mkdtempSync(join(tmpdir(), 'bench-'))
  left.add(root)
  return root
}
