/// <reference lib="dom" />
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { freePort } from '../../examples/testing/free-port.js'
import { type Program, startProgram } from '../../examples/testing/start-program.js'
import { findChromium } from '../chromium.mjs'
import { openWatched, picture, throttleUploads, useChromium, type WatchedPage } from './chromium-session.js'
import { expectText, sha256 } from './demo-page.js'
import { type PartRequests, watchParts } from './part-requests.js'

const EXAMPLE = fileURLToPath(new URL('../../examples/uppy/index.js', import.meta.url))
const MB = 1024 * 1024
const NAME = 'holiday film.mp4'
/** Of 8 MB each, the last one smaller. */
const ALL_PARTS = [1, 2, 3, 4, 5, 6]

const chromium = useChromium()
const hasChromium = 'path' in findChromium()

describe('Uppy', { timeout: 90_000 }, () => {
  let program: Program
  let url: string
  let root: string
  let folder: string
  let path: string
  const film = randomBytes(44 * MB)

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-browser-'))
    path = join(folder, NAME)
    await writeFile(path, film)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))
  beforeEach(async () => {
    if (!hasChromium) return
    root = await mkdtemp(join(tmpdir(), 'latchkey-uppy-'))
    const env = { PORT: String(await freePort()), DATA_DIR: root, LATCHKEY_SECRET: 's'.repeat(32) }
    program = await startProgram(EXAMPLE, env, /Open {2}(?<url>http:\S+)/)
    url = program.match.groups?.url ?? ''
  })
  afterEach(async () => {
    if (!hasChromium) return
    await program.stop()
    await rm(root, { recursive: true, force: true })
  })

  it('uploads a small file in one request, whatever its name, and the link gives it back', async () => {
    const name = 'naïve ✓ 日本語 + 100% (α).txt'
    const { page, complaints } = await open()
    const parts = watchParts(page)
    await picture(page, 'uppy-empty')
    const buffer = Buffer.from('as small as that')
    await add(page, { name, mimeType: 'text/plain', buffer })
    await page.getByRole('button', { name: 'Upload 1 file' }).click()
    await expectText(page.getByText('Complete', { exact: true }))
    expect(parts.begun()).toEqual([])
    expect(await stored()).toEqual([buffer.toString()])

    const link = page.getByRole('link', { name })
    await expectText(link)
    await picture(page, 'uppy-complete')
    const downloading = page.waitForEvent('download')
    await link.click()
    const download = await downloading
    expect(download.suggestedFilename()).toBe(name)
    expect(await readFile(await download.path(), 'utf8')).toBe(buffer.toString())
    expect(complaints).toEqual([])
  })

  it('uploads a large file in parts, with progress', async () => {
    const { page, complaints } = await open()
    const parts = watchParts(page)
    await throttleUploads(page, 12 * MB)
    await start(page)
    const seen = new Set<string>()
    const complete = page.getByText('Complete', { exact: true })
    while ((await complete.count()) === 0) {
      const text = await page
        .locator('.uppy-StatusBar')
        .textContent({ timeout: 500 })
        .catch(() => null)
      for (const [percent] of text?.matchAll(/\d+%/g) ?? []) seen.add(percent)
      await sleep(20)
    }
    expect(seen.size).toBeGreaterThanOrEqual(5)
    expect(parts.begun()).toEqual(ALL_PARTS)
    expect(sha256(await onlyFile())).toBe(sha256(film))
    // What is left says what became of the upload, should Uppy have to ask again.
    expect((await underWay()).filter((name) => !/(^[^/]+|\/(manifest|record))$/.test(name))).toEqual([])
    expect(complaints).toEqual([])
  })

  it('pauses, and resumes with the missing parts, which it asks the server for', async () => {
    const { page, complaints } = await open()
    const parts = watchParts(page)
    let lists = 0
    page.on('request', (request) => {
      const { searchParams } = new URL(request.url())
      if (request.method() === 'GET' && searchParams.has('uploadId')) lists++
    })
    await throttleUploads(page, 12 * MB)
    await start(page)
    await waitForParts(parts, 2)
    await page.getByRole('button', { name: 'Pause', exact: true }).click()
    await expectText(page.getByText('Paused', { exact: false }).first())
    await sleep(500)
    const before = [await bytesUnderWay(), parts.begun()]
    const taken = parts.taken()
    await picture(page, 'uppy-paused')
    await sleep(1500)
    expect([await bytesUnderWay(), parts.begun()]).toEqual(before)
    expect(lists).toBe(0)

    parts.clear()
    await throttleUploads(page, 200 * MB)
    await page.getByRole('button', { name: 'Resume', exact: true }).click()
    await expectText(page.getByText('Complete', { exact: true }), 60_000)
    expect(lists).toBe(1)
    expect(parts.begun()).toEqual(ALL_PARTS.filter((number) => !taken.includes(number)))
    expect(sha256(await onlyFile())).toBe(sha256(film))
    expect(complaints).toEqual([])
  })

  it('goes on where a part failed, when told to try again', async () => {
    const { page } = await open()
    const parts = watchParts(page)
    // A refusal that Uppy does not repeat by itself.
    await page.route(/partNumber=4(&|$)/, (route) => route.fulfill({ status: 403, body: 'no' }))
    await start(page)
    const retry = page.locator('.uppy-StatusBar').getByRole('button', { name: 'Retry upload' })
    await expectText(retry, 60_000)
    await page.unroute(/partNumber=4(&|$)/)
    parts.clear()
    await retry.click()
    await expectText(page.getByText('Complete', { exact: true }), 60_000)
    expect(parts.begun()).toEqual([4, 5, 6])
    expect(sha256(await onlyFile())).toBe(sha256(film))
  })

  it('leaves nothing of what it cancels', async () => {
    const { page, complaints } = await open()
    const parts = watchParts(page)
    await throttleUploads(page, 12 * MB)
    await start(page)
    await waitForParts(parts, 2)
    await picture(page, 'uppy-uploading')
    expect(await underWay()).not.toEqual([])
    await page.locator('.uppy-StatusBar').getByRole('button', { name: 'Cancel' }).click()
    await expect.poll(underWay, { timeout: 15_000 }).toEqual([])
    expect(await stored()).toEqual([])
    expect(complaints).toEqual([])
  })

  it('fits a narrow screen and a dark one', async () => {
    const { page, complaints } = await open({ colorScheme: 'dark', viewport: { width: 360, height: 740 } })
    await add(page, { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('notes') })
    await expectText(page.getByRole('button', { name: 'Upload 1 file' }))
    await picture(page, 'uppy-narrow-dark')
    const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    expect(tooWide).toBeLessThanOrEqual(0)
    expect(complaints).toEqual([])
  })

  async function open(options: BrowserContextOptions = {}): Promise<WatchedPage> {
    const context = await chromium
      .browser()
      .newContext({ viewport: { width: 1000, height: 860 }, ...options })
    onTestFinished(() => context.close())
    const watched = await openWatched(context, url)
    await expectText(watched.page.getByText('browse files'))
    return watched
  }

  async function start(page: Page): Promise<void> {
    await add(page, path)
    await page.getByRole('button', { name: 'Upload 1 file' }).click()
  }

  /** Files that are stored, as texts of at most a few bytes. */
  async function stored(): Promise<string[]> {
    const names = await readdir(join(root, 'inbox')).catch(() => [])
    return Promise.all(names.map((name) => readFile(join(root, 'inbox', name), 'latin1')))
  }

  async function onlyFile(): Promise<Buffer> {
    const names = await readdir(join(root, 'inbox'))
    expect(names).toHaveLength(1)
    return readFile(join(root, 'inbox', names[0] ?? ''))
  }

  /** What uploads that are not complete have left on the disk. */
  async function underWay(): Promise<string[]> {
    const folders = ['tmp', 'uploads'].map((name) => join(root, '.latchkey', name))
    const found = await Promise.all(folders.map((one) => readdir(one, { recursive: true }).catch(() => [])))
    return found.flat()
  }

  async function bytesUnderWay(): Promise<readonly string[]> {
    return (await underWay()).sort()
  }
})

async function add(
  page: Page,
  file: Parameters<ReturnType<Page['locator']>['setInputFiles']>[0],
): Promise<void> {
  await page.locator('input.uppy-Dashboard-input').first().setInputFiles(file)
}

async function waitForParts(parts: PartRequests, count: number): Promise<void> {
  await expect.poll(() => parts.taken().length, { timeout: 30_000 }).toBeGreaterThanOrEqual(count)
}
