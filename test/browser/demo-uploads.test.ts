/// <reference lib="dom" />
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { findChromium } from '../chromium.mjs'
import { openWatched, picture, throttleUploads, useChromium, type WatchedPage } from './chromium-session.js'
import { choose, expectText, fileRow, sha256 } from './demo-page.js'
import { type Demo, startDemo } from './demo-program.js'
import { watchParts } from './part-requests.js'

const MB = 1024 * 1024
const NAME = 'holiday film.mp4'
const SIZE_MB = 44
/** Of 8 MB each, the last one smaller. */
const ALL_PARTS = [1, 2, 3, 4, 5, 6]

const chromium = useChromium()
const hasChromium = 'path' in findChromium()

describe('large uploads in the demo', { timeout: 90_000 }, () => {
  let demo: Demo
  let folder: string
  let path: string
  const film = randomBytes(SIZE_MB * MB)

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-browser-'))
    path = join(folder, NAME)
    await writeFile(path, film)
    await writeFile(join(folder, 'other.mp4'), 'not that one')
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))
  beforeEach(async () => {
    if (hasChromium) demo = await startDemo()
  })
  afterEach(async () => {
    if (hasChromium) await demo.close()
  })

  it('pauses without moving, resumes with what is missing, and stores the same bytes', async () => {
    const { page, complaints } = await open()
    const parts = watchParts(page)
    await throttleUploads(page, 12 * MB)
    await choose(page, [path])
    await expect.poll(() => parts.taken().length, { timeout: 30_000 }).toBeGreaterThanOrEqual(2)
    await picture(page, 'uploading-in-parts')
    await page.getByRole('button', { name: `Pause ${NAME}` }).click()
    await expectText(page.getByText(/^Paused · [\d.]+ MB of 44 MB$/))
    // What the server had received when the page broke it off may still be on its way to the disk.
    await sleep(500)
    const before = [await share(page), await demo.stored(), parts.begun()]
    const taken = parts.taken()
    await picture(page, 'paused')
    await page.setViewportSize({ width: 360, height: 740 })
    await picture(page, 'paused-narrow')
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    await sleep(1500)
    expect([await share(page), await demo.stored(), parts.begun()]).toEqual(before)

    parts.clear()
    await page.getByRole('button', { name: `Resume ${NAME}` }).click()
    await expectText(page.getByText(/MB\/s · \d+ s left$/))
    await expectText(fileRow(page, NAME).getByText('44 MB'), 60_000)
    expect(parts.begun()).toEqual(ALL_PARTS.filter((number) => !taken.includes(number)))
    expect(sha256(await demo.read(NAME))).toBe(sha256(film))
    expect(complaints).toEqual([])
  })

  it('sends a part again that failed, and nothing else', async () => {
    const { page } = await open()
    const parts = watchParts(page)
    let failures = 0
    await page.route(/partNumber=3(&|$)/, (route) => {
      if (failures++ === 0) return route.abort('connectionreset')
      return route.fallback()
    })
    await choose(page, [path])
    await expectText(fileRow(page, NAME).getByText('44 MB'), 60_000)
    expect(failures).toBe(2)
    expect(parts.begun()).toEqual([1, 2, 3, 3, 4, 5, 6])
    expect(sha256(await demo.read(NAME))).toBe(sha256(film))
  })

  it('outlasts a server that stops and starts', async () => {
    const { page } = await open()
    const parts = watchParts(page)
    await throttleUploads(page, 16 * MB)
    await choose(page, [path])
    await expect.poll(() => parts.taken().length, { timeout: 30_000 }).toBeGreaterThanOrEqual(2)
    const taken = parts.taken()
    parts.clear()
    await demo.restart()
    await expectText(fileRow(page, NAME).getByText('44 MB'), 60_000)
    expect(parts.begun().filter((number) => taken.includes(number))).toEqual([])
    expect(sha256(await demo.read(NAME))).toBe(sha256(film))
  })

  it('goes on after a reload when the same file is chosen, with the missing parts only', async () => {
    const { page, complaints } = await open()
    const parts = watchParts(page)
    await leaveHalfWay(page, parts)
    const taken = parts.taken()

    await expectText(page.getByText('Choose the same file again to go on.'))
    const stored = Math.min(SIZE_MB, taken.length * 8)
    await expectText(page.getByText(`${stored} MB of 44 MB arrived.`))
    await picture(page, 'left-half-way')
    const again = page.getByLabel(`The same file again: ${NAME}`)
    await again.setInputFiles(join(folder, 'other.mp4'))
    await expectText(page.getByText(`That was other.mp4. Choose ${NAME} to go on.`))
    await picture(page, 'left-half-way-wrong-file')
    await page.setViewportSize({ width: 360, height: 740 })
    await picture(page, 'left-half-way-narrow')
    expect(await overflow(page)).toBeLessThanOrEqual(0)

    parts.clear()
    await again.setInputFiles(path)
    await expectText(fileRow(page, NAME).getByText('44 MB'), 60_000)
    expect(parts.begun()).toEqual(ALL_PARTS.filter((number) => !taken.includes(number)))
    expect(sha256(await demo.read(NAME))).toBe(sha256(film))
    await page.reload()
    await expectText(fileRow(page, NAME))
    expect(await page.locator('.row.upload').count()).toBe(0)
    expect(complaints).toEqual([])
  })

  it('goes on also where the file is chosen as a new one, and shows nothing of it in another tab', async () => {
    const { page } = await open()
    const parts = watchParts(page)
    await leaveHalfWay(page, parts)
    const taken = parts.taken()
    await expectText(page.getByText('Choose the same file again to go on.'))
    parts.clear()
    await throttleUploads(page, 8 * MB)
    await choose(page, [path])
    await expectText(page.getByText(/MB\/s · \d+ s left$/))
    expect(await page.locator('.row.unfinished').count()).toBe(0)
    const tab = await page.context().newPage()
    await tab.goto(demo.url)
    await expectText(tab.getByText('Nothing here yet'))
    await throttleUploads(page, 200 * MB)
    await expectText(fileRow(page, NAME).getByText('44 MB'), 60_000)
    expect(parts.begun()).toEqual(ALL_PARTS.filter((number) => !taken.includes(number)))
  })

  it('leaves nothing of an upload that is cancelled while it is paused, or discarded after a reload', async () => {
    const { page, complaints } = await open()
    const parts = watchParts(page)
    await throttleUploads(page, 16 * MB)
    await choose(page, [path])
    await expect.poll(() => parts.taken().length, { timeout: 30_000 }).toBeGreaterThanOrEqual(1)
    await page.getByRole('button', { name: `Pause ${NAME}` }).click()
    expect(await demo.stored()).not.toEqual([])
    await page.getByRole('button', { name: `Cancel ${NAME}` }).click()
    await expectText(page.getByText('Nothing here yet'))
    await expect.poll(() => demo.stored(), { timeout: 15_000 }).toEqual([])

    parts.clear()
    await leaveHalfWay(page, parts)
    expect(await demo.stored()).not.toEqual([])
    await page.getByRole('button', { name: `Discard ${NAME}` }).click()
    await expectText(page.getByText('Nothing here yet'))
    await expect.poll(() => demo.stored(), { timeout: 15_000 }).toEqual([])
    await page.reload()
    await expectText(page.getByText('Nothing here yet'))
    expect(complaints).toEqual([])
  })

  it('keeps what has arrived when it has to give up, and goes on when told to', async () => {
    const { page } = await open()
    const parts = watchParts(page)
    await page.route(/partNumber=4(&|$)/, (route) => route.abort('connectionreset'))
    await choose(page, [path])
    const again = page.getByRole('button', { name: 'Try again' })
    await expectText(again, 60_000)
    await expectText(
      page.getByText('The connection broke, and trying again did not help. What has arrived is kept.', {
        exact: true,
      }),
    )
    await picture(page, 'upload-in-parts-failed')
    await page.setViewportSize({ width: 360, height: 740 })
    await picture(page, 'upload-in-parts-failed-narrow')
    const taken = parts.taken()
    expect(taken.length).toBeGreaterThanOrEqual(2)
    await page.unroute(/partNumber=4(&|$)/)
    parts.clear()
    await again.click()
    await expectText(fileRow(page, NAME).getByText('44 MB'), 60_000)
    expect(parts.begun()).toEqual(ALL_PARTS.filter((number) => !taken.includes(number)))
    expect(sha256(await demo.read(NAME))).toBe(sha256(film))
  })

  async function open(): Promise<WatchedPage> {
    const context = await chromium.browser().newContext({ viewport: { width: 1100, height: 800 } })
    onTestFinished(() => context.close())
    return openWatched(context, demo.url)
  }

  /** Uploads a few parts, and reloads the page. */
  async function leaveHalfWay(page: Page, parts: ReturnType<typeof watchParts>): Promise<void> {
    await throttleUploads(page, 12 * MB)
    await choose(page, [path])
    await expect.poll(() => parts.taken().length, { timeout: 30_000 }).toBeGreaterThanOrEqual(2)
    await page.reload()
    await throttleUploads(page, 200 * MB)
  }
})

/** By how many pixels the page is wider than its window. */
function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
}

/** What the progress bar says, 0 to 1. */
async function share(page: Page): Promise<number> {
  return Number(await page.getByRole('progressbar', { name: `Uploading ${NAME}` }).getAttribute('value'))
}
