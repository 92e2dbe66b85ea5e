import { abortUpload } from './api.js'

const PREFIX = 'unfinished:'

/**
 * @typedef {object} Unfinished an upload in parts that was begun, and the file that it was of
 * @property {string} id
 * @property {string} name
 * @property {string} type
 * @property {number} size bytes
 * @property {number} lastModified
 * @property {string} record the client's own
 */

/**
 * Where the client remembers an upload of a file. What file that was is kept beside it, as the page cannot open it
 * again by itself and has to ask for it.
 *
 * @param {File} file
 * @returns {import('/client/index.js').UploadStorage}
 */
export function memoryOf({ name, type, size, lastModified }) {
  return {
    getItem: (id) => read(id)?.record ?? null,
    setItem(id, record) {
      localStorage.setItem(PREFIX + id, JSON.stringify({ name, type, size, lastModified, record }))
    },
    removeItem: forget,
  }
}

/**
 * The uploads that were left, in this tab or in one that is gone.
 *
 * @returns {Promise<Unfinished[]>}
 */
export async function unfinishedUploads() {
  const ids = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX))
  const uploads = ids.map((key) => read(key.slice(PREFIX.length))).filter((upload) => upload !== undefined)
  const elsewhere = await locked()
  return uploads.filter((upload) => !elsewhere.has(lockOf(upload)))
}

/**
 * Whether a file is the one that an upload was of, as far as can be told without reading it.
 *
 * @param {Unfinished} upload
 * @param {File} file
 */
export function isOf(upload, file) {
  return lockOf(upload) === lockOf(file)
}

/**
 * Gives an upload up, here and on the server.
 *
 * @param {Unfinished} upload
 */
export async function discard({ id, record }) {
  forget(id)
  // What cannot be removed now, the server removes when the upload expires.
  await abortUpload(JSON.parse(record)).catch(() => {})
}

/** @param {string} id */
export function forget(id) {
  localStorage.removeItem(PREFIX + id)
}

/**
 * Keeps other tabs from taking an upload that is under way for one that was left. Pages without TLS have no locks
 * except on localhost; there it is only shown in vain.
 *
 * @param {File} file
 * @param {Promise<unknown>} done
 */
export function lockWhile(file, done) {
  navigator.locks?.request(lockOf(file), { mode: 'shared' }, () => done.catch(() => {}))
}

async function locked() {
  const { held = [] } = (await navigator.locks?.query()) ?? {}
  return new Set(held.map(({ name }) => name))
}

/** @param {{ name: string, size: number, lastModified: number }} file */
function lockOf({ name, size, lastModified }) {
  return `upload:${JSON.stringify([name, size, lastModified])}`
}

/**
 * @param {string} id
 * @returns {Unfinished | undefined}
 */
function read(id) {
  const text = localStorage.getItem(PREFIX + id)
  return text === null ? undefined : { id, ...JSON.parse(text) }
}
