import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { BrowserContext } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { findCurl } from '../downloaders/programs.mjs'
import { type ServedObject, serveObject } from '../downloaders/served-object.js'
import { expressHost } from '../hosts/express.js'
import { needProgram } from '../need-program.js'
import { openWatched, picture, useChromium } from './chromium-session.js'

const chromium = useChromium()
const BYTES = Buffer.from('what the link is for')
let object: ServedObject

beforeEach(async () => {
  object = await serveObject(expressHost, 'Quarterly report 2026 (final).pdf', BYTES)
})
afterEach(() => object.close())

async function newContext(options: Parameters<ReturnType<typeof chromium.browser>['newContext']>[0] = {}) {
  const context: BrowserContext = await chromium.browser().newContext(options)
  onTestFinished(() => context.close())
  return context
}

describe('a link that asks first, in Chromium', { timeout: 60_000 }, () => {
  test('downloads its file when the button is pressed, and not a second time', async (test) => {
    const curl = findCurl()
    needProgram('curl', curl, test)
    const url = await object.link({ maxDownloads: 1, confirm: true })
    if (!('path' in curl)) return
    // A scanner that looks at all links of a mail, as a browser would say it.
    const scan = ['--silent', '--disable', '-H', 'accept: text/html,*/*', url]
    const scanned = await promisify(execFile)(curl.path, scan)
    expect(scanned.stdout).toContain('<form method="post">')
    const { page, complaints } = await openWatched(await newContext(), url)
    expect(await page.textContent('p')).toBe('Quarterly report 2026 (final).pdf')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download file' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('Quarterly report 2026 (final).pdf')
    expect(await readFile(await download.path())).toEqual(BYTES)
    expect(complaints).toEqual([])
    await Promise.all([page.waitForNavigation(), page.getByRole('button').click()])
    expect(await page.textContent('h1')).toBe('This link does not open the file')
    await page.goto(url)
    expect(await page.textContent('h1')).toBe('This link does not open the file')
    expect(object.answered.map(({ method, status }) => `${method} ${status}`)).toEqual([
      'GET 200',
      'GET 200',
      'POST 200',
      'POST 403',
      'GET 403',
    ])
  })

  test('works with the keyboard alone', async () => {
    const { page } = await openWatched(await newContext(), await object.link({ confirm: true }))
    await page.keyboard.press('Tab')
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')])
    expect(await readFile(await download.path())).toEqual(BYTES)
  })

  test('shows the file in place where the signer says so', async () => {
    await object.close()
    object = await serveObject(expressHost, 'a.txt', BYTES, { contentType: 'text/plain' })
    const { page } = await openWatched(
      await newContext(),
      await object.link({ confirm: true, maxDownloads: 1, download: false }),
    )
    await Promise.all([page.waitForNavigation(), page.getByRole('button', { name: 'Open file' }).click()])
    expect(await page.textContent('body')).toBe(String(BYTES))
  })

  test('is posted to by no page of another site', async () => {
    const url = await object.link({ confirm: true, maxDownloads: 1 })
    const context = await newContext()
    const page = await context.newPage()
    await page.route('http://evil.example/', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<form method="post" action="${url}"><button name="confirm" value="1">Win</button></form>`,
      }),
    )
    await page.goto('http://evil.example/')
    await Promise.all([page.waitForNavigation(), page.getByRole('button').click()])
    expect(await page.textContent('small')).toContain('403')
    expect(object.answered.map(({ method, status }) => `${method} ${status}`)).toEqual(['POST 403'])
    await page.route('http://evil.example/frame', (route) =>
      route.fulfill({ contentType: 'text/html', body: `<iframe src="${url}"></iframe>` }),
    )
    await page.goto('http://evil.example/frame')
    const frame = page.frames().find((each) => each !== page.mainFrame())
    expect(await frame?.locator('button').count()).toBe(0)
  })

  test('is drawn for light, dark and narrow screens', async () => {
    const url = await object.link({ confirm: true, maxDownloads: 1 })
    for (const [name, options] of Object.entries({
      light: { colorScheme: 'light' as const },
      dark: { colorScheme: 'dark' as const },
      narrow: { viewport: { width: 320, height: 560 } },
    })) {
      const { page, complaints } = await openWatched(await newContext(options), url)
      await picture(page, `confirmation-${name}`)
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
      expect({ wide, complaints }).toEqual({ wide: false, complaints: [] })
    }
  })
})
