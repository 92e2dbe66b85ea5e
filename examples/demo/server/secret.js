import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The secret that signs: from `LATCHKEY_SECRET`, or one that the first start generates and every later one reads.
 *
 * @param {import('./settings.js').Settings} settings
 * @returns {Promise<{ secret: string, origin: string }>} `origin` says where it came from
 */
export async function loadSecret({ secret, dataFolder }) {
  if (secret !== undefined) return { secret, origin: 'from LATCHKEY_SECRET' }
  const path = join(dataFolder, 'secret')
  const hint = 'set LATCHKEY_SECRET to bring your own'
  try {
    const generated = randomBytes(32).toString('base64url')
    // Never replaces: a new secret would void every link.
    await writeFile(path, generated, { mode: 0o600, flag: 'wx' })
    return { secret: generated, origin: `generated, kept in ${path}; ${hint}` }
  } catch (error) {
    if (!isExistsError(error)) throw error
    return { secret: await readFile(path, 'utf8'), origin: `read from ${path}; ${hint}` }
  }
}

/** @param {unknown} error */
function isExistsError(error) {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST'
}
