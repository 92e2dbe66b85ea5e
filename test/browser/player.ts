import type Hls from 'hls.js'
import type { Page } from 'playwright-core'

/** What became of a video in the page. */
export interface Played {
  /** Whether it came to its end. */
  readonly ended: boolean
  readonly seconds: number
  readonly segments: number
  /** The first fatal failure of hls.js: what it was about, and the status that it got. */
  readonly failure?: { readonly details: string; readonly status: number | undefined }
}

/** How a video is played. */
export interface PlayOptions {
  /** Sends the browser's cookies to the other origin. */
  readonly credentials?: boolean
  /** Called when the playlist is there, before the first segment is asked for. */
  readonly onPlaylist?: () => void
}

/** Plays a playlist with hls.js, four times as fast, to its end or its first fatal failure. */
export async function playHls(page: Page, url: string, options: PlayOptions = {}): Promise<Played> {
  await page.exposeFunction('onPlaylist', () => options.onPlaylist?.())
  return page.evaluate(
    async ({ url, credentials }) => {
      const { Hls: Player, onPlaylist } = globalThis as unknown as {
        Hls: typeof Hls
        onPlaylist(): Promise<void>
      }
      const video = document.querySelector('video')
      if (video === null) throw new Error('the page has no video')
      const hls = new Player({
        autoStartLoad: false,
        fragLoadPolicy: {
          default: { maxTimeToFirstByteMs: 9000, maxLoadTimeMs: 9000, timeoutRetry: null, errorRetry: null },
        },
        xhrSetup: (request) => {
          request.withCredentials = credentials
        },
      })
      const segments = new Set<string>()
      return new Promise<Played>((resolve) => {
        const end = (ended: boolean, failure?: Played['failure']): void => {
          const { duration } = video
          hls.destroy()
          resolve({
            ended,
            seconds: duration,
            segments: segments.size,
            ...(failure !== undefined && { failure }),
          })
        }
        // A machine that is slow may have one buffered twice.
        hls.on(Player.Events.FRAG_BUFFERED, (_event, { frag }) => {
          segments.add(frag.url)
        })
        hls.on(Player.Events.ERROR, (_event, { details, fatal, response }) => {
          if (fatal) end(false, { details, status: response?.code })
        })
        hls.on(Player.Events.MANIFEST_PARSED, async () => {
          await onPlaylist()
          hls.startLoad()
          video.playbackRate = 4
          await video.play().catch(() => {})
        })
        video.addEventListener('ended', () => end(true))
        hls.loadSource(url)
        hls.attachMedia(video)
      })
    },
    { url, credentials: options.credentials === true },
  )
}
