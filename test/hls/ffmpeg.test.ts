import { execFile } from 'node:child_process'
import { createLatchkey, type Latchkey } from '@latchkey/core'
import { memoryDriver } from '@latchkey/drivers/memory'
import type { Host } from '@latchkey/testkit'
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { findFfmpeg, findFfprobe } from '../ffmpeg.mjs'
import { hosts } from '../hosts/index.js'
import { needProgram } from '../need-program.js'
import { makeVideo, SECONDS, segmentsOf, type Video } from './video.js'

// ffprobe and ffmpeg over HTTP: players that know nothing of tokens, and follow relative references.

const BASE = 'https://files.example'
const MOUNT = '/files'

let video: Video

beforeEach((context) => {
  needProgram('ffmpeg', findFfmpeg(), context)
  needProgram('ffprobe', findFfprobe(), context)
})
beforeAll(async () => {
  if ('path' in findFfmpeg()) video = await makeVideo()
})

interface Served {
  readonly files: Latchkey
  /** A URL of the mount, as it is reached in the test. */
  here(url: string): string
  elapse(ms: number): void
}

/** The video below `videos/42/`, and a copy of it beside that. */
async function serve(host: Host): Promise<Served> {
  const storage = memoryDriver()
  for (const [name, bytes] of video) {
    for (const prefix of ['videos/42/', 'videos/43/']) {
      const body = (async function* () {
        yield bytes
      })()
      await storage.write(prefix + name, body, {
        contentType: 'application/octet-stream',
        visibility: 'private',
      })
    }
  }
  let elapsed = 0
  const files = createLatchkey({
    baseUrl: `${BASE}${MOUNT}`,
    keys: [{ id: 'k1', secret: 'the secret of the tests with ffmpeg' }],
    storage,
    now: () => Date.now() + elapsed,
  })
  const running = await host.start(files, MOUNT)
  onTestFinished(() => running.close())
  return {
    files,
    here: (url) => url.replace(BASE, running.origin),
    elapse: (ms) => {
      elapsed += ms
    },
  }
}

interface Outcome {
  readonly ok: boolean
  readonly output: string
}

function play(program: 'ffmpeg' | 'ffprobe', args: readonly string[]): Promise<Outcome> {
  const found = program === 'ffmpeg' ? findFfmpeg() : findFfprobe()
  const path = 'path' in found ? found.path : ''
  return new Promise((resolve) => {
    execFile(path, ['-v', 'error', ...args], { timeout: 30_000 }, (error, stdout, stderr) => {
      resolve({ ok: error === null, output: stdout + stderr })
    })
  })
}

/** Decodes everything; an error of any segment is a failure. */
function decode(url: string, ...options: readonly string[]): Promise<Outcome> {
  return play('ffmpeg', [...options, '-xerror', '-i', url, '-f', 'null', '-'])
}

describe.each(Object.values(hosts))('on $name', { timeout: 60_000 }, (host) => {
  test('ffprobe and ffmpeg play a playlist and its segments from one tree URL', async () => {
    const { files, here } = await serve(host)
    const { url } = await files.signedTreeUrl('videos/42/', { entry: 'index.m3u8' })
    const probe = await play('ffprobe', [
      '-show_entries',
      'format=duration,nb_streams',
      '-of',
      'json',
      here(url),
    ])
    expect(probe.ok, probe.output).toBe(true)
    const { format } = JSON.parse(probe.output) as { format: { duration: string; nb_streams: number } }
    expect(Number(format.duration)).toBeCloseTo(SECONDS, 0)
    expect(format.nb_streams).toBe(2)
    expect(await decode(here(url))).toEqual({ ok: true, output: '' })
  })

  test('ffmpeg plays it by a signed cookie', async () => {
    const { files, here } = await serve(host)
    const { name, value, url } = await files.signedCookie('videos/42/')
    const cookie = ['-headers', `Cookie: ${name}=${value}\r\n`]
    expect(await decode(`${here(url)}index.m3u8`, ...cookie)).toEqual({ ok: true, output: '' })
    const without = await decode(`${here(url)}index.m3u8`)
    expect(without.ok).toBe(false)
    expect(without.output).toContain('403 Forbidden')
  })

  test('once it has expired, and for what lies outside, ffmpeg is refused', async () => {
    const { files, here, elapse } = await serve(host)
    const { url } = await files.signedTreeUrl('videos/42/', { entry: 'index.m3u8', expiresIn: 60 })
    const outside = await decode(here(url).replace('videos/42', 'videos/43'))
    expect(outside.ok).toBe(false)
    expect(outside.output).toContain('403 Forbidden')
    elapse(61_000)
    const expired = await decode(here(url))
    expect(expired.ok).toBe(false)
    expect(expired.output).toContain('403 Forbidden')
  })

  test('a playlist that refers out of its prefix gets nothing from there', async () => {
    const { files, here } = await serve(host)
    const playlist = String(video.get('index.m3u8'))
    const astray = playlist.replaceAll(/^seg-/gm, '../43/seg-')
    const upload = await files.signedUploadUrl('videos/42/astray.m3u8')
    const stored = await fetch(here(upload.url), { method: 'PUT', body: astray })
    expect(stored.status).toBe(201)
    const { url } = await files.signedTreeUrl('videos/42/', { entry: 'astray.m3u8' })
    // What it does without a segment it tells as a warning; without any it has no stream.
    const gone = await decode(here(url), '-v', 'warning')
    expect(gone.ok).toBe(false)
    expect(gone.output).toContain('403 Forbidden')
    const { url: wider } = await files.signedTreeUrl('videos/', { entry: '42/astray.m3u8' })
    expect(await decode(here(wider))).toEqual({ ok: true, output: '' })
  })
})

test('the video is a real one: a playlist of several segments, named relatively', () => {
  expect(segmentsOf(video).length).toBeGreaterThanOrEqual(3)
  for (const name of segmentsOf(video)) expect(String(video.get('index.m3u8'))).toContain(`\n${name}\n`)
})
