import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { type ServedObject, serveObject } from '../downloaders/served-object.js'
import { findFfmpeg } from '../ffmpeg.mjs'
import { expressHost } from '../hosts/express.js'
import { needProgram } from '../need-program.js'
import { useChromium } from './chromium-session.js'

// A film that Chromium seeks in, with a link that is good for one download.

const chromium = useChromium()
const SECONDS = 60
let film: Uint8Array
let object: ServedObject

/** Has ffmpeg make a film of which the browser cannot hold all at once: noise, which does not compress. */
async function makeFilm(): Promise<Uint8Array> {
  const found = findFfmpeg()
  if (!('path' in found)) throw new Error(found.missing)
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-film-'))
  try {
    const picture = ['-f', 'lavfi', '-i', 'nullsrc=size=160x90:rate=10,geq=random(1)*255:128:128']
    const codec = ['-c:v', 'libvpx', '-b:v', '2M', '-deadline', 'realtime', '-cpu-used', '8', '-g', '10']
    const args = [
      '-v',
      'error',
      ...picture,
      '-t',
      String(SECONDS),
      ...codec,
      '-cues_to_front',
      '1',
      'film.webm',
    ]
    await promisify(execFile)(found.path, args, { cwd: folder })
    return await readFile(join(folder, 'film.webm'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

beforeEach((context) => needProgram('ffmpeg', findFfmpeg(), context))
beforeAll(async () => {
  if ('path' in findFfmpeg()) film = await makeFilm()
}, 120_000)
beforeEach(async () => {
  object = await serveObject(expressHost, 'film.webm', film, { contentType: 'video/webm', pauseMs: 30 })
})
afterEach(() => object.close())

/** Opens a video on a page of its own origin, and seeks in it; gives where it came to. */
async function seek(page: Page, url: string, ...seconds: number[]): Promise<(number | string)[]> {
  await page.route('**/player', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<video muted></video>' }),
  )
  await page.goto(new URL('/player', url).href)
  return page.evaluate(
    async ({ url, seconds }) => {
      const video = document.querySelector('video')
      if (video === null) throw new Error('the page has no video')
      const until = (name: string) =>
        new Promise<void>((resolve, reject) => {
          video.addEventListener(name, () => resolve(), { once: true })
          video.addEventListener('error', () => reject(new Error(video.error?.message)), { once: true })
        })
      const places: (number | string)[] = []
      try {
        const loaded = until('loadeddata')
        video.src = url
        await loaded
        for (const second of seconds) {
          const sought = until('seeked')
          video.currentTime = second
          await sought
          places.push(video.currentTime)
        }
        await video.play()
      } catch {
        places.push('failed')
      }
      return places
    },
    { url, seconds },
  )
}

async function newPage(): Promise<Page> {
  const context = await chromium.browser().newContext()
  onTestFinished(() => context.close())
  return context.newPage()
}

describe('a video with a link for one download, in Chromium', { timeout: 120_000 }, () => {
  test('is sought in with a window', async () => {
    const url = await object.link({ maxDownloads: 1, resumeWindow: '1h' })
    expect(await seek(await newPage(), url, 50, 10, 30)).toEqual([50, 10, 30])
    const statuses = object.answered.map(({ status }) => status)
    expect(statuses.length).toBeGreaterThan(1)
    expect(new Set(statuses)).toEqual(new Set([206]))
  })

  test('stops where it is sought in without one', async () => {
    const url = await object.link({ maxDownloads: 1 })
    expect(await seek(await newPage(), url, 50)).toEqual(['failed'])
    expect(object.answered.map(({ status }) => status)).toContain(403)
  })
})
