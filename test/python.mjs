import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const INSTALL = 'apt-get install -y --no-install-recommends python3'

/** Finds Python 3 for the second implementation of the token format; installs it where this is root on Debian. */
export async function ensurePython() {
  if (runs('python3')) return { path: 'python3' }
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    spawnSync('sh', ['-c', `apt-get update -qq && ${INSTALL}`], { stdio: 'inherit' })
    if (runs('python3')) return { path: 'python3' }
  }
  return { missing: `python3 is not installed; to run the tests that need it: ${INSTALL}` }
}

function runs(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0
}
