/// <reference lib="dom" />
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { findChromium } from '../chromium.mjs'
import { openWatched, picture, throttleUploads, useChromium, type WatchedPage } from './chromium-session.js'
import { choose, expectText, fileRow, sha256 } from './demo-page.js'
import { type Demo, startDemo } from './demo-program.js'

const MB = 1024 * 1024
const LARGE_NAME = 'holiday film.bin'
const UNICODE_NAME = 'naïve ✓ 日本語 + 100% #1 (α).txt'

const chromium = useChromium()
const hasChromium = 'path' in findChromium()

describe('the demo in a browser', { timeout: 60_000 }, () => {
  let demo: Demo
  let folder: string
  const large = randomBytes(20 * MB)

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-browser-'))
    await writeFile(join(folder, LARGE_NAME), large)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))
  beforeEach(async () => {
    if (hasChromium) demo = await startDemo()
  })
  afterEach(async () => {
    if (hasChromium) await demo.close()
  })

  it('takes 20 MB with a progress bar that moves, and gives the same bytes to whoever has the link', async () => {
    const { page, complaints } = await open()
    await expectText(page.getByText('Nothing here yet'))
    await picture(page, 'empty')

    await throttleUploads(page, 6 * MB)
    await choose(page, [join(folder, LARGE_NAME)])
    const seen = await watchProgress(page, 'uploading')
    const between = [...new Set(seen.values)].filter((value) => value > 0 && value < 1)
    expect(between.length).toBeGreaterThanOrEqual(5)
    expect(between).toEqual([...between].sort((a, b) => a - b))
    expect(seen.texts.some((text) => /^[\d.]+ MB of 20 MB · [\d.]+ MB\/s · \d+ s left$/.test(text))).toBe(
      true,
    )

    const row = fileRow(page, LARGE_NAME)
    await expectText(row.getByText('20 MB'))
    await expectText(row.getByText('BIN file'))
    expect(await row.getByText('BIN file').getAttribute('title')).toBe('application/octet-stream')
    await picture(page, 'list')

    const url = await makeLink(page, LARGE_NAME, { life: '10 s', opened: 'Save it' })
    const madeAt = Date.now()
    await expectText(row.getByText('1 live link'))
    await picture(page, 'link-made')

    const stranger = await freshPage()
    const downloading = stranger.waitForEvent('download')
    // A navigation that becomes a download is no navigation.
    await stranger.goto(url).catch(() => {})
    const download = await downloading
    expect(download.suggestedFilename()).toBe(LARGE_NAME)
    expect(sha256(await readFile(await download.path()))).toBe(sha256(large))

    const range = await page.evaluate(async (address) => {
      const response = await fetch(address, { headers: { Range: 'bytes=1000000-1000003' } })
      const bytes = [...new Uint8Array(await response.arrayBuffer())]
      return { status: response.status, contentRange: response.headers.get('content-range'), bytes }
    }, url)
    expect(range).toEqual({
      status: 206,
      contentRange: `bytes 1000000-1000003/${large.length}`,
      bytes: [...large.subarray(1_000_000, 1_000_004)],
    })

    await expectText(row.getByText('Expired'), 15_000)
    expect(Date.now() - madeAt).toBeGreaterThan(8000)
    await picture(page, 'link-expired')
    // The countdown may be ahead of the server by the fraction that its seconds round off.
    await expect.poll(async () => (await stranger.goto(url))?.status(), { timeout: 3000 }).toBe(403)
    await expectText(stranger.getByRole('heading', { name: 'This link does not open the file' }))
    expect(await stranger.evaluate(() => getComputedStyle(document.body).display)).toBe('grid')
    await picture(stranger, 'expired-refusal')
    expect(complaints).toEqual([])
  })

  it('keeps files, types and links over a restart, and deletes for good', async () => {
    const { page, complaints } = await open()
    await drop(page, 'minutes.txt', 'text/plain', 'All agreed.')
    const url = await makeLink(page, 'minutes.txt', { life: '1 h', opened: 'Show it' })

    await demo.restart()
    await page.reload()
    const row = fileRow(page, 'minutes.txt')
    await expectText(row.getByText('Text', { exact: true }))
    await expectText(row.getByText('1 live link'))
    const stranger = await freshPage()
    await stranger.goto(url)
    expect(await stranger.locator('body').textContent()).toBe('All agreed.')

    await row.getByRole('button', { name: 'Delete minutes.txt' }).click()
    await picture(page, 'delete-confirm')
    await page.keyboard.press('Escape')
    await row.getByRole('button', { name: 'Delete minutes.txt' }).click()
    await row.getByRole('button', { name: 'Delete', exact: true }).click()
    await expectText(page.getByText('Nothing here yet'))
    expect(await demo.stored()).toEqual([])
    expect((await stranger.goto(url))?.status()).toBe(404)
    expect(complaints).toEqual([])
  })

  it('leaves nothing of an upload that was cancelled half-way', async () => {
    const { page, complaints } = await open()
    await throttleUploads(page, 3 * MB)
    await choose(page, [join(folder, LARGE_NAME)])
    const bar = page.getByRole('progressbar', { name: `Uploading ${LARGE_NAME}` })
    await expect
      .poll(async () => Number(await bar.getAttribute('value')), { timeout: 15_000 })
      .toBeGreaterThan(0.2)
    expect(await demo.stored()).not.toEqual([])
    await page.getByRole('button', { name: `Cancel ${LARGE_NAME}` }).click()

    await expectText(page.getByText('Nothing here yet'))
    await expect.poll(() => demo.stored(), { timeout: 10_000 }).toEqual([])
    await page.reload()
    await expectText(page.getByText('Nothing here yet'))
    expect(complaints).toEqual([])
  })

  it('takes dropped files, whatever their name, and one name twice', async () => {
    const { page, complaints } = await open()
    await drop(page, UNICODE_NAME, 'text/plain', 'first')
    await drop(page, UNICODE_NAME, 'text/plain', 'second')
    await expectText(fileRow(page, UNICODE_NAME.replace('.txt', ' (2).txt')))

    const url = await makeLink(page, UNICODE_NAME, { life: '10 min', opened: 'Show it' })
    const stranger = await freshPage()
    await stranger.goto(url)
    expect(await stranger.locator('body').textContent()).toBe('first')
    expect(complaints).toEqual([])
  })

  it('takes several files at once, and copies a link', async () => {
    const { page, complaints } = await open({ permissions: ['clipboard-read', 'clipboard-write'] })
    const names = ['one', 'two', 'three', 'four', 'five'].map((name) => `${name}.txt`)
    const buffer = Buffer.from('text')
    await choose(
      page,
      names.map((name) => ({ name, mimeType: 'text/plain', buffer })),
    )
    await expectText(page.getByText('5 files · 20 bytes'))
    for (const name of names) await expectText(fileRow(page, name))
    const url = await makeLink(page, 'four.txt', { life: '1 min', opened: 'Show it' })
    await fileRow(page, 'four.txt').getByRole('button', { name: 'Copy' }).click()
    await expectText(page.getByText('Copied', { exact: true }))
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(url)
    expect(complaints).toEqual([])
  })

  it('says so when the server cannot be reached, and recovers', async () => {
    const { page } = await open()
    await drop(page, 'here.txt', 'text/plain', 'still here')
    await page.route('**/api/files', (route) => route.abort())
    await page.reload()
    await expectText(page.getByText('The server does not answer. Is it still running?'))
    await picture(page, 'unreachable')
    await page.unroute('**/api/files')
    await page.getByRole('button', { name: 'Try again' }).click()
    await expectText(fileRow(page, 'here.txt'))
  })

  it('says in words why an upload failed, and tries again', async () => {
    const { page } = await open()
    await page.route('**/files/**', (route) =>
      route.fulfill({
        status: 507,
        contentType: 'application/problem+json',
        body: JSON.stringify({ status: 507, code: 'storage_full', detail: 'The storage has no room.' }),
      }),
    )
    await choose(page, [{ name: 'a.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n') }])
    await expectText(page.getByText('The server has no room left for this file.', { exact: true }))
    await picture(page, 'upload-failed')
    await page.unroute('**/files/**')
    await page.getByRole('button', { name: 'Try again' }).click()
    await expectText(fileRow(page, 'a.csv').getByText('4 bytes'))
  })

  it('can be used with the keyboard alone', async () => {
    const { page, complaints } = await open()
    await drop(page, 'keys.txt', 'text/plain', 'by keyboard')
    await page.getByRole('button', { name: 'Link to keys.txt' }).focus()
    for (const key of ['Enter', 'Tab', 'Tab', 'ArrowLeft', 'ArrowLeft', 'Enter'])
      await page.keyboard.press(key)
    await expectText(page.getByText(/^Expires in (10|9) s$/))
    await page.getByRole('button', { name: 'Delete keys.txt' }).focus()
    for (const key of ['Enter', 'Shift+Tab', 'Enter']) await page.keyboard.press(key)
    await expectText(page.getByText('Nothing here yet'))
    expect(complaints).toEqual([])
  })

  it('fits a narrow screen and a dark one, and stands still while it loads', async () => {
    const { page } = await open()
    const files: [name: string, type: string][] = [
      ['Quarterly report with quite a long name, final version.pdf', 'application/pdf'],
      ['team.jpg', 'image/jpeg'],
      ['backup.tar.gz', 'application/gzip'],
      ['interview.mp3', 'audio/mpeg'],
      ['figures.csv', 'text/csv'],
      ['app.ts', 'text/javascript'],
    ]
    for (const [name, type] of files) await drop(page, name, type, name.repeat(9999))

    for (const [name, options] of [
      ['dark', { colorScheme: 'dark' }],
      ['narrow', { viewport: { width: 360, height: 740 } }],
      ['narrow-dark', { colorScheme: 'dark', viewport: { width: 360, height: 740 } }],
    ] satisfies [string, BrowserContextOptions][]) {
      const { page: other, complaints } = await open(options)
      await expectText(fileRow(other, 'team.jpg'))
      expect(await layoutShift(other)).toBeLessThan(0.01)
      await makeLink(other, 'app.ts', { life: '1 day', opened: 'Show it' })
      await makeLink(other, 'team.jpg', { life: '10 s', opened: 'Save it' })
      await fileRow(other, 'figures.csv').getByRole('button', { name: 'Delete figures.csv' }).click()
      await picture(other, name)
      await expectText(other.getByText('This demo has no login.'))
      expect(
        await other.evaluate(() => document.documentElement.scrollWidth - innerWidth),
      ).toBeLessThanOrEqual(0)
      expect(complaints).toEqual([])
    }
  })

  async function open(options: BrowserContextOptions = {}): Promise<WatchedPage> {
    const context = await chromium
      .browser()
      .newContext({ viewport: { width: 1100, height: 800 }, ...options })
    onTestFinished(() => context.close())
    return openWatched(context, demo.url)
  }

  /** A page of someone who has nothing but a link. */
  async function freshPage(): Promise<Page> {
    const context = await chromium.browser().newContext({ viewport: { width: 900, height: 600 } })
    onTestFinished(() => context.close())
    return context.newPage()
  }
})

/** Drags a file over the page and lets it go there, and waits until it is listed. */
async function drop(page: Page, name: string, type: string, text: string): Promise<void> {
  const before = await page.locator('.row.file').count()
  const dataTransfer = await page.evaluateHandle(
    ([fileName, fileType, content]) => {
      const transfer = new DataTransfer()
      transfer.items.add(new File([content], fileName, { type: fileType }))
      return transfer
    },
    [name, type, text] as const,
  )
  const zone = page.locator('#drop-zone')
  await zone.dispatchEvent('dragenter', { dataTransfer })
  await zone.dispatchEvent('dragover', { dataTransfer })
  expect(await zone.getAttribute('class')).toContain('targeted')
  await zone.dispatchEvent('drop', { dataTransfer })
  expect(await zone.getAttribute('class')).not.toContain('targeted')
  await expect.poll(() => page.locator('.row.file').count(), { timeout: 10_000 }).toBe(before + 1)
}

/** What the one progress bar shows until it is gone; takes a picture half-way. */
async function watchProgress(page: Page, name: string): Promise<{ values: number[]; texts: string[] }> {
  const values: number[] = []
  const texts: string[] = []
  const row = page.locator('.row.upload')
  await row.waitFor()
  let pictured = false
  while ((await row.count()) > 0) {
    const value = await row
      .getByRole('progressbar')
      .getAttribute('value', { timeout: 500 })
      .catch(() => null)
    const text = await row
      .locator('.meta')
      .textContent({ timeout: 500 })
      .catch(() => null)
    if (value !== null) values.push(Number(value))
    if (text !== null) texts.push(text)
    if (!pictured && Number(value) > 0.4) {
      pictured = true
      await picture(page, name)
    }
  }
  return { values, texts }
}

/** Makes a link as a person does, and returns its URL. */
async function makeLink(
  page: Page,
  name: string,
  { life, opened }: { life: string; opened: string },
): Promise<string> {
  const row = fileRow(page, name)
  await row.getByRole('button', { name: `Link to ${name}` }).click()
  await row.getByRole('radio', { name: life, exact: true }).check()
  await row.getByRole('radio', { name: opened }).check()
  await row.getByRole('button', { name: 'Make link' }).click()
  return row.getByRole('textbox', { name: 'Link' }).inputValue()
}

/** How far the page has moved under the eyes of its reader (Layout Instability API). */
function layoutShift(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let sum = 0
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) sum += 'value' in entry ? Number(entry.value) : 0
        }).observe({ type: 'layout-shift', buffered: true })
        setTimeout(() => resolve(sum), 300)
      }),
  )
}
