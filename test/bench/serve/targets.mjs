import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { memoryDriver } from '@latchkey/drivers/memory'
import { latchkeyOver } from '../latchkey.mjs'
import { objectName, SIZES, turnNames } from './objects.mjs'

/** As many as make it unlikely that a token comes again while anything of it is remembered. */
const TOKENS_PER_OBJECT = 2000

const files = latchkeyOver(memoryDriver())

/**
 * What each object in a folder is reached by, by the object.
 *
 * @param {string} root
 * @param {boolean} areSigned
 */
export async function targetsIn(root, areSigned) {
  /** @type {Record<string, string[]>} */
  const paths = {}
  for (const size of SIZES) {
    const name = objectName(size)
    if (!existsSync(join(root, name))) continue
    paths[size] = areSigned ? await signed(() => name) : [`/files/${name}`]
  }
  return paths
}

/** Another object each time. */
export async function targetsInTurn() {
  return { '1 KiB': await signed((at) => turnNames[at % turnNames.length] ?? '') }
}

/** @param {(at: number) => string} nameAt */
async function signed(nameAt) {
  const start = Date.now() + 3_600_000
  const urls = Array.from({ length: TOKENS_PER_OBJECT }, (_, at) =>
    files.signedUrl(nameAt(at), { validUntil: start + at * 1000 }),
  )
  return (await Promise.all(urls)).map(({ url }) => url)
}
