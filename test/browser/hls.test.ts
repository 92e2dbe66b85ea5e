import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { findFfmpeg } from '../ffmpeg.mjs'
import { type PlayerServers, startPlayerServers } from '../hls/player-servers.js'
import { makeVideo, SECONDS, segmentsOf, type Video } from '../hls/video.js'
import { needProgram } from '../need-program.js'
import { useChromium } from './chromium-session.js'
import { playHls } from './player.js'

// A real HLS video, played by hls.js in Chromium, on a page of another origin than the files.

const chromium = useChromium()
let video: Video
let servers: PlayerServers

beforeEach((context) => needProgram('ffmpeg', findFfmpeg(), context))
beforeAll(async () => {
  if (!('path' in findFfmpeg())) return
  video = await makeVideo()
  servers = await startPlayerServers(video)
})
afterAll(() => servers?.close())
beforeEach(() => {
  servers.answered.length = 0
})

/** The page with the player, in a browser without a past. */
async function openPage(): Promise<Page> {
  const context = await chromium.browser().newContext()
  onTestFinished(() => context.close())
  const page = await context.newPage()
  await page.goto(servers.page)
  return page
}

function names(): string[] {
  return servers.answered.map(({ path }) => path.slice(path.lastIndexOf('/') + 1))
}

describe('hls.js in Chromium', { timeout: 60_000 }, () => {
  test('plays a playlist and all its segments from one tree URL, on another origin', async () => {
    const { url } = await servers.files.signedTreeUrl('videos/42/', { entry: 'index.m3u8' })
    const played = await playHls(await openPage(), url)
    expect(played).toEqual({
      ended: true,
      seconds: expect.closeTo(SECONDS, 0),
      segments: segmentsOf(video).length,
    })
    expect(new Set(names())).toEqual(new Set(['index.m3u8', ...segmentsOf(video)]))
    const [token] = new URL(url).pathname.slice('/files/'.length).split('/')
    for (const { path, status } of servers.answered) {
      expect(status).toBe(200)
      expect(path).toMatch(/^\/[^/?]+\/videos\/42\/[^/?]+$/)
      expect(path.startsWith(`/${token}/`)).toBe(true)
    }
  })

  test('plays the same by a signed cookie, at plain URLs', async () => {
    const cookie = await servers.files.signedCookie('videos/42/')
    servers.setCookie(cookie.header)
    const played = await playHls(await openPage(), `${cookie.url}index.m3u8`, { credentials: true })
    expect(played).toMatchObject({ ended: true, segments: segmentsOf(video).length })
    for (const { path, status } of servers.answered) {
      expect({ path, status }).toEqual({ path: expect.stringMatching(/^\/videos\/42\/[^/?]+$/), status: 200 })
    }
  })

  test('a cookie is kept from scripts, and from what lies outside its prefix', async () => {
    const cookie = await servers.files.signedCookie('videos/42/')
    servers.setCookie(cookie.header)
    const page = await openPage()
    expect(await page.evaluate(() => document.cookie)).toBe('')
    const [kept] = await page.context().cookies(cookie.url)
    expect(kept).toMatchObject({
      name: 'latchkey',
      path: '/files/videos/42/',
      httpOnly: true,
      sameSite: 'Lax',
    })
    const outside = cookie.url.replace('videos/42/', 'videos/43/')
    const played = await playHls(page, `${outside}index.m3u8`, { credentials: true })
    expect(played.failure).toEqual({ details: 'manifestLoadError', status: 403 })
  })

  test('without the cookie, or without sending it, the playlist is refused', async () => {
    const cookie = await servers.files.signedCookie('videos/42/')
    servers.setCookie(cookie.header)
    const played = await playHls(await openPage(), `${cookie.url}index.m3u8`)
    expect(played.failure).toEqual({ details: 'manifestLoadError', status: 403 })
  })

  test('what expires in the middle of play is refused from the next segment on', async () => {
    const { url } = await servers.files.signedTreeUrl('videos/42/', { entry: 'index.m3u8', expiresIn: 60 })
    const onPlaylist = (): void => servers.elapse(61_000)
    const played = await playHls(await openPage(), url, { onPlaylist })
    expect(played).toMatchObject({
      ended: false,
      segments: 0,
      failure: { details: 'fragLoadError', status: 403 },
    })
    expect(servers.answered.map(({ status }) => status)).toEqual([200, 403])
    const reply = await fetch(url)
    expect(await reply.json()).toMatchObject({ status: 403, code: 'expired' })
  })

  test('a segment outside the prefix is refused', async () => {
    const playlist = String(video.get('index.m3u8')).replaceAll(/^seg-/gm, '../43/seg-')
    await servers.put('videos/42/astray.m3u8', playlist)
    const { url } = await servers.files.signedTreeUrl('videos/42/', { entry: 'astray.m3u8' })
    const played = await playHls(await openPage(), url)
    expect(played).toMatchObject({
      ended: false,
      segments: 0,
      failure: { details: 'fragLoadError', status: 403 },
    })
  })
})

describe('a page with an image', { timeout: 60_000 }, () => {
  const PIXEL = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
    'base64',
  )

  /** Shows an image at a URL that is signed for each page, and opens the page twice, some time apart. */
  async function openTwice(options: { stableFor?: string }): Promise<string[]> {
    await servers.put('pixel.png', PIXEL)
    const urls: string[] = []
    servers.show(async () => {
      const { url } = await servers.files.signedUrl('pixel.png', { expiresIn: '1h', ...options })
      urls.push(url)
      return `<!doctype html><link rel="icon" href="data:,"><img src="${url}">`
    })
    const context = await chromium.browser().newContext()
    onTestFinished(() => context.close())
    servers.answered.length = 0
    for (let visit = 0; visit < 2; visit++) {
      const page = await context.newPage()
      await page.goto(servers.page)
      await page.waitForFunction(() => (document.querySelector('img')?.naturalWidth ?? 0) === 1)
      await page.close()
      servers.elapse(2000)
    }
    return urls
  }

  test('that is signed with stableFor comes from the browser’s cache the second time', async () => {
    const [first, second] = await openTwice({ stableFor: '7h' })
    expect(second).toBe(first)
    expect(servers.answered.map(({ status }) => status)).toEqual([200])
  })

  test('that is signed without comes from the server each time', async () => {
    const [first, second] = await openTwice({})
    expect(second).not.toBe(first)
    expect(servers.answered.map(({ status }) => status)).toEqual([200, 200])
  })
})
