import { readdir } from 'node:fs/promises'

/**
 * @typedef {object} FileEntry
 * @property {string} name
 * @property {number} size bytes
 * @property {string} type
 * @property {number} modifiedAt milliseconds since the epoch
 */

/**
 * The files in a folder, the newest first. Names come from the folder, all else from the driver, which knows the
 * type that an upload was stored with.
 *
 * @param {string} root
 * @param {import('@latchkey/core').StorageDriver} storage
 * @returns {Promise<FileEntry[]>}
 */
export async function listFiles(root, storage) {
  const found = await readdir(root, { withFileTypes: true })
  const entries = await Promise.all(
    found.filter((item) => item.isFile()).map((item) => entryOf(item.name, storage)),
  )
  return entries.filter((entry) => entry !== null).sort((a, b) => b.modifiedAt - a.modifiedAt)
}

/**
 * @param {string} name
 * @param {import('@latchkey/core').StorageDriver} storage
 * @returns {Promise<FileEntry | null>} `null` for what was removed meanwhile, or is no name of an object
 */
async function entryOf(name, storage) {
  const stat = await storage.stat(name)
  if (stat === null) return null
  const { size, contentType = 'application/octet-stream', lastModified } = stat
  return { name, size, type: contentType, modifiedAt: lastModified.getTime() }
}
