import { ensureProgram, findProgram } from './program.mjs'

/** @type {import('./program.mjs').Program} */
const PYTHON = {
  name: 'Python',
  commands: ['python3'],
  packages: ['python3'],
  howToInstall: { darwin: 'brew install python3' },
}

/** Looks for Python 3, for the second implementation of the token format. */
export function findPython() {
  return findProgram(PYTHON)
}

/** As `findPython`, but installs it where that needs no password. */
export function ensurePython() {
  return ensureProgram(PYTHON)
}
