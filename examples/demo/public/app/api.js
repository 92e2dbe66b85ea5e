import { problemOf, unreachable } from './problem.js'

/**
 * @typedef {object} FileEntry
 * @property {string} name
 * @property {number} size bytes
 * @property {string} type
 * @property {number} modifiedAt milliseconds since the epoch
 */

/** @returns {Promise<FileEntry[]>} */
export async function listFiles() {
  const { files } = await readJson(await send('/api/files'))
  return files
}

/**
 * Asks for a URL to upload a file to. The name may come back changed, where it was taken.
 *
 * @param {File} file
 * @returns {Promise<{ name: string, url: string, type: string | null }>}
 */
export async function requestUpload({ name, type, size }) {
  return readJson(await send('/api/uploads', post({ name, type, size })))
}

/**
 * @param {string} name
 * @param {{ life: string, download: boolean }} options
 * @returns {Promise<{ url: string, expiresAt: number }>} `expiresAt` by the clock of this computer
 */
export async function requestLink(name, { life, download }) {
  const { url, expiresAt, now } = await readJson(await send('/api/links', post({ name, life, download })))
  return { url: new URL(url, location.href).href, expiresAt: expiresAt - now + Date.now() }
}

/**
 * Deletes a file, through a URL that is signed for just that.
 *
 * @param {string} name
 */
export async function deleteFile(name) {
  const { url } = await readJson(await send('/api/deletions', post({ name })))
  await send(url, { method: 'DELETE' })
}

/**
 * @param {unknown} body
 * @returns {RequestInit}
 */
function post(body) {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

/**
 * @param {string} url
 * @param {RequestInit} [options]
 */
async function send(url, options) {
  const response = await fetch(url, options).catch(() => {
    throw unreachable()
  })
  if (response.ok) return response
  throw problemOf(response.status, await response.text())
}

/** @param {Response} response */
async function readJson(response) {
  return response.json().catch(() => {
    throw unreachable()
  })
}
