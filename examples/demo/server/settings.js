import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * @typedef {object} Settings
 * @property {number} port where to begin looking for a free one
 * @property {string | undefined} host `undefined`: this computer only
 * @property {string} dataFolder
 * @property {string | undefined} secret
 * @property {number} maxUploadSize bytes
 */

const DEFAULT_DATA_FOLDER = join(dirname(fileURLToPath(import.meta.url)), '..', 'data')
const MAX_UPLOAD_SIZE = 5 * 1024 ** 3

/**
 * The demo's settings, each of which has a default.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {Settings}
 */
export function readSettings(env) {
  return {
    port: portOf(env.PORT || '3000'),
    host: env.HOST || undefined,
    dataFolder: resolve(env.DATA_DIR || DEFAULT_DATA_FOLDER),
    secret: env.LATCHKEY_SECRET || undefined,
    maxUploadSize: MAX_UPLOAD_SIZE,
  }
}

/** @param {string} text */
function portOf(text) {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw new Error(`PORT must be a number from 0 to 65535, not '${text}'`)
}
