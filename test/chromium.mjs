import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const ELSEWHERE = [
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
]

// Without fonts of its own a bare machine draws boxes for letters and for emoji.
const PACKAGES = ['chromium', 'fonts-liberation', 'fonts-noto-color-emoji']
const APT_INSTALL = ['install', '-y', '--no-install-recommends', ...PACKAGES]

const APT = `sudo apt-get update && sudo apt-get ${APT_INSTALL.join(' ')}`
/** @type {Partial<Record<NodeJS.Platform, string>>} */
const HOW_TO_INSTALL = {
  darwin: 'brew install --cask chromium',
  win32: 'winget install Google.Chrome',
}

/** What Chromium is started with: without a screen, and without a word to anyone but the page's own host. */
export const CHROMIUM_FLAGS = [
  '--headless',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Its sandbox refuses to run as root.
  ...(isRoot() ? ['--no-sandbox'] : []),
]

/**
 * Looks for Chromium: in `CHROMIUM_PATH`, in the path, in the usual places.
 *
 * @returns {{ path: string } | { missing: string }} `missing` is the line that would install it
 */
export function findChromium() {
  const path = candidates().find(isExecutable)
  return path === undefined ? { missing: installLine() } : { path }
}

/**
 * As `findChromium`, but installs it where that needs no password: as root on Debian and Ubuntu.
 *
 * @returns {Promise<{ path: string } | { missing: string }>}
 */
export async function ensureChromium() {
  const found = findChromium()
  if ('path' in found || pathGiven() !== undefined) return found
  if (!isRoot() || !existsSync('/usr/bin/apt-get')) return found
  console.log(`Chromium is missing; installing ${PACKAGES.join(', ')}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [['update'], APT_INSTALL]) {
    const { status } = spawnSync('apt-get', ['-q', ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] })
    if (status !== 0) return found
  }
  return findChromium()
}

function candidates() {
  const given = pathGiven()
  if (given !== undefined) return [given]
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  return [...COMMANDS.flatMap((command) => folders.map((folder) => join(folder, command))), ...ELSEWHERE]
}

function pathGiven() {
  return process.env.CHROMIUM_PATH || undefined
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function isRoot() {
  return process.getuid?.() === 0
}

function installLine() {
  const given = pathGiven()
  if (given !== undefined) return `CHROMIUM_PATH names no program: ${given}`
  return HOW_TO_INSTALL[process.platform] ?? APT
}
