import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { createLatchkey, type Latchkey } from '@latchkey/core'
import { memoryDriver } from '@latchkey/drivers/memory'
import { latchkey } from '@latchkey/express'
import express from 'express'
import { listen } from '../hosts/listen.js'
import type { Video } from './video.js'

const HLS_JS = readFileSync(createRequire(import.meta.url).resolve('hls.js'), 'utf8')

/** A request to the mount, as it was answered. */
interface Answered {
  readonly path: string
  readonly status: number
}

/** A page with a player on one origin, and the files of a video on another one. */
export interface PlayerServers {
  readonly files: Latchkey
  /** Where the page is. */
  readonly page: string
  /** Every request to the mount but preflights, in the order of the answers. */
  readonly answered: Answered[]
  /** What the page's server sends as `Set-Cookie` from now on. */
  setCookie(header: string): void
  /** What the page shows from now on, in place of the player. */
  show(html: () => Promise<string>): void
  put(key: string, bytes: Buffer | string): Promise<void>
  /** Puts the clock of the files forward. */
  elapse(ms: number): void
  close(): Promise<void>
}

const PLAYER = `<!doctype html>
<link rel="icon" href="data:,">
<title>Player</title>
<video muted width="320"></video>
<script src="/hls.js"></script>`

/** Starts both; the video is below `videos/42/`, and again beside it. */
export async function startPlayerServers(video: Video): Promise<PlayerServers> {
  const answered: Answered[] = []
  const storage = memoryDriver()
  let elapsed = 0
  let cookie: string | undefined
  let html = async () => PLAYER

  const pages = express()
  pages.get('/hls.js', (_request, response) => void response.type('text/javascript').send(HLS_JS))
  pages.get('/', async (_request, response) => {
    if (cookie !== undefined) response.append('set-cookie', cookie)
    response.set('cache-control', 'no-store').send(await html())
  })
  const page = await listen(createServer(pages))

  const app = express()
  const served = await listen(createServer(app))
  const files = createLatchkey({
    baseUrl: `${served.origin}/files`,
    keys: [{ id: 'k1', secret: 'the secret of the tests with a player' }],
    storage,
    cors: { origins: [page.origin], credentials: true },
    // Two ports of one address are not the same site.
    crossOriginResourcePolicy: 'cross-origin',
    now: () => Date.now() + elapsed,
  })
  app.use('/files', (request, response, next) => {
    const { method, url } = request
    if (method !== 'OPTIONS') {
      response.on('finish', () => answered.push({ path: url, status: response.statusCode }))
    }
    next()
  })
  app.use('/files', latchkey(files))

  const put = async (key: string, bytes: Buffer | string): Promise<void> => {
    const { url } = await files.signedUploadUrl(key, { allowOverwrite: true })
    const body = typeof bytes === 'string' ? bytes : new Uint8Array(bytes)
    const reply = await fetch(url, { method: 'PUT', body })
    if (!reply.ok) throw new Error(await reply.text())
  }
  for (const [name, bytes] of video) {
    await put(`videos/42/${name}`, bytes)
    await put(`videos/43/${name}`, bytes)
  }
  answered.length = 0
  return {
    files,
    page: page.origin,
    answered,
    setCookie: (header) => {
      cookie = header
    },
    show: (shown) => {
      html = shown
    },
    put,
    elapse: (ms) => {
      elapsed += ms
    },
    close: async () => {
      await Promise.all([page.close(), served.close()])
    },
  }
}
