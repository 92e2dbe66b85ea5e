import { ensureProgram, findProgram } from '../program.mjs'

/** @type {import('../program.mjs').Program} */
const ARIA2 = {
  name: 'aria2',
  variable: 'ARIA2_PATH',
  commands: ['aria2c'],
  packages: ['aria2'],
  howToInstall: { darwin: 'brew install aria2', win32: 'winget install aria2.aria2' },
}

/** @type {import('../program.mjs').Program} */
const CURL = { name: 'curl', variable: 'CURL_PATH', commands: ['curl'], packages: ['curl'] }

/** Looks for aria2: in `ARIA2_PATH`, in the path. */
export function findAria2() {
  return findProgram(ARIA2)
}

/** Looks for curl: in `CURL_PATH`, in the path. */
export function findCurl() {
  return findProgram(CURL)
}

/** Looks for every program that downloads, and installs it where that needs no password. */
export async function ensureDownloaders() {
  const found = []
  for (const program of [ARIA2, CURL]) found.push(await ensureProgram(program))
  return found
}
