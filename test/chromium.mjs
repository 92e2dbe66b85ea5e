import { ensureProgram, findProgram, isRoot } from './program.mjs'

/** @type {import('./program.mjs').Program} */
const CHROMIUM = {
  name: 'Chromium',
  variable: 'CHROMIUM_PATH',
  commands: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'],
  elsewhere: [
    '/snap/bin/chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  ],
  // Without fonts of its own a bare machine draws boxes for letters and for emoji.
  packages: ['chromium', 'fonts-liberation', 'fonts-noto-color-emoji'],
  howToInstall: {
    darwin: 'brew install --cask chromium',
    win32: 'winget install Google.Chrome',
  },
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

/** Looks for Chromium: in `CHROMIUM_PATH`, in the path, in the usual places. */
export function findChromium() {
  return findProgram(CHROMIUM)
}

/** As `findChromium`, but installs it where that needs no password. */
export function ensureChromium() {
  return ensureProgram(CHROMIUM)
}
