import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { CHROMIUM_FLAGS, findChromium } from '../chromium.mjs'
import { needProgram } from '../need-program.js'

const SCREENSHOTS = fileURLToPath(new URL('../.output/screenshots/', import.meta.url))

/** Chromium for the tests of one file. Where there is none they are skipped, and in CI they fail. */
export function useChromium(): { browser(): Browser } {
  const found = findChromium()
  let browser: Browser | undefined

  beforeAll(async () => {
    if ('path' in found) {
      browser = await chromium.launch({ executablePath: found.path, args: [...CHROMIUM_FLAGS] })
    }
  })
  beforeEach((context) => needProgram('Chromium', found, context))
  afterAll(() => browser?.close())

  return {
    browser() {
      if (browser === undefined) throw new Error('Chromium was not started')
      return browser
    },
  }
}

/** A page that notes all that should not be: errors on its console, and requests to other hosts. */
export async function openWatched(context: BrowserContext, url: string): Promise<WatchedPage> {
  const complaints: string[] = []
  const { host } = new URL(url)
  context.on('request', (request) => {
    const target = new URL(request.url())
    if (target.protocol !== 'data:' && target.host !== host) complaints.push(`request to ${request.url()}`)
  })
  const page = await context.newPage()
  // A breach of the content security policy is an error on the console, too.
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(url)
  return { page, complaints }
}

/** What `openWatched` gives. */
export interface WatchedPage {
  readonly page: Page
  readonly complaints: readonly string[]
}

/** Slows what a page sends down to a number of bytes per second. */
export async function throttleUploads(page: Page, bytesPerSecond: number): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: bytesPerSecond,
  })
}

/** Keeps a picture of a page for whoever wants to look. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true })
  await page.screenshot({ path: `${SCREENSHOTS}${name}.png`, fullPage: true, animations: 'disabled' })
}
