import { spawnSync } from 'node:child_process'

const PNPM = 'pnpm@12.21.0'

/**
 * Installs the workspace as its lockfile says, with a pnpm that npm brings; `false` where that fails.
 *
 * @param {string} root
 */
export function installWorkspace(root) {
  const { status } = spawnSync('npx', ['--yes', PNPM, 'install', '--frozen-lockfile'], {
    cwd: root,
    // So that it asks nothing where there is a terminal.
    env: { ...process.env, CI: 'true' },
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  })
  return status === 0
}
