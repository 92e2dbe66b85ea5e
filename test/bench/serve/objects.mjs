import { randomFillSync } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What is served, by the name that the tables have for it. */
export const OBJECTS = {
  '1 KiB': 2 ** 10,
  '64 KiB': 2 ** 16,
  '1 MiB': 2 ** 20,
  '100 MiB': 100 * 2 ** 20,
}

/** @typedef {keyof typeof OBJECTS} Size */

export const SIZES = /** @type {Size[]} */ (Object.keys(OBJECTS))

/** @param {string} size */
export const objectName = (size) => `${size.replace(' ', '').toLowerCase()}.bin`

/**
 * Fills a folder with the objects, which are of no type that a peer would compress.
 *
 * @param {string} root
 * @param {readonly Size[]} [sizes]
 */
export function writeObjects(root, sizes = SIZES) {
  mkdirSync(root, { recursive: true })
  for (const size of sizes) {
    writeFileSync(join(root, objectName(size)), randomFillSync(Buffer.alloc(OBJECTS[size])))
  }
}

/** How many objects are asked for in turn, where it is not one again and again. */
const TURNS = 1000

/** Their names. */
export const turnNames = Array.from({ length: TURNS }, (_, at) => `turn-${at}.bin`)

/**
 * Adds objects of 1 KiB to be asked for in turn.
 *
 * @param {string} root
 */
export function writeTurns(root) {
  for (const name of turnNames) writeFileSync(join(root, name), randomFillSync(Buffer.alloc(2 ** 10)))
}

/**
 * Adds small objects that nobody asks for.
 *
 * @param {string} root
 * @param {number} from how many there are
 * @param {number} to how many there will be
 */
export function writeManyObjects(root, from, to) {
  for (let at = from; at < to; at++) writeFileSync(join(root, `object-${at}.txt`), 'one of many')
}
