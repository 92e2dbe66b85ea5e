import { problemOf, unreachable } from './problem.js'

/**
 * @typedef {object} FileEntry
 * @property {string} name
 * @property {number} size bytes
 * @property {string} type
 * @property {number} modifiedAt milliseconds since the epoch
 *
 * @typedef {object} BegunUpload an upload in parts
 * @property {string} key
 * @property {string} uploadId
 */

/** Where Latchkey is mounted. */
export const ENDPOINT = '/files'

/** @returns {Promise<FileEntry[]>} */
export async function listFiles() {
  const { files } = await readJson(await send('/api/files'))
  return files
}

/**
 * @param {string} name
 * @param {{ seconds: number, download: boolean }} options
 * @returns {Promise<{ url: string, expiresAt: number }>} `expiresAt` by the clock of this computer
 */
export async function requestLink(name, { seconds, download }) {
  const response = await send(signedUrlOf(name), post({ expires_in: seconds, download }))
  const { url, expires_at } = await readJson(response)
  // Neither clock is to be trusted, but the server's with itself; its header knows no fractions.
  const now = Date.parse(response.headers.get('date') ?? '')
  const left = Math.min(Date.parse(expires_at) - now, seconds * 1000)
  return { url: new URL(url, location.href).href, expiresAt: Date.now() + left }
}

/**
 * Deletes a file, through a URL that is signed for just that.
 *
 * @param {string} name
 */
export async function deleteFile(name) {
  const { url } = await readJson(await send(signedUrlOf(name), post({ operation: 'delete' })))
  await send(url, { method: 'DELETE' })
}

/**
 * How much of an upload is on the server.
 *
 * @param {BegunUpload} upload
 * @returns {Promise<number>} bytes
 */
export async function sizeOnServer(upload) {
  const { parts } = await readJson(
    await send(await urlOf(upload), { headers: { accept: 'application/json' } }),
  )
  return parts.reduce((/** @type {number} */ sum, /** @type {{ size: number }} */ { size }) => sum + size, 0)
}

/**
 * Removes what is on the server of an upload.
 *
 * @param {BegunUpload} upload
 */
export async function abortUpload(upload) {
  await send(await urlOf(upload), { method: 'DELETE' })
}

/**
 * Where to ask for a link to a file.
 *
 * @param {string} name
 */
export function signedUrlOf(name) {
  return `${ENDPOINT}/${encodeURIComponent(name)}/signed-url`
}

/** @param {BegunUpload} upload */
async function urlOf({ key, uploadId }) {
  const { url } = await readJson(await send(`${ENDPOINT}/signed-uploads`, post({ key, uploadId })))
  return `${url}&uploadId=${uploadId}`
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
