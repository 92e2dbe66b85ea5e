import { randomBytes, randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Deployment } from './deployment.js'
import { put } from './put.js'

const UPLOADERS = 4
// So that at any moment many uploads are under way, through either process.
const SLOW_UPLOADERS = 12
const READERS = 4

/** An upload and what it was answered; 0 where the connection broke. */
interface Upload {
  readonly key: string
  readonly bytes: Uint8Array
  readonly status: number
}

/** A link that is good for so many downloads, and how many times it was served. */
interface CountedLink {
  readonly url: string
  readonly limit: number
  asked: number
  served: number
}

/** Clients that upload, read ranges and race for counted links, until they are told to stop. */
export interface Load {
  readonly uploads: Upload[]
  readonly links: readonly CountedLink[]
  /** Whether each range had the right bytes; `undefined` for one that failed. */
  readonly ranges: (boolean | undefined)[]
  stop(): Promise<void>
}

/** Starts clients; `film` is an object that is there. */
export async function startLoad(deployment: Deployment, film: string, bytes: Uint8Array): Promise<Load> {
  const link = await deployment.link(film)
  const limits = [...Array<number>(12).fill(1), ...Array<number>(6).fill(3), ...Array<number>(2).fill(200)]
  const links: CountedLink[] = await Promise.all(
    limits.map(async (limit) => ({
      url: await deployment.link(film, { max_downloads: limit }),
      limit,
      asked: 0,
      served: 0,
    })),
  )
  const uploads: Upload[] = []
  const ranges: (boolean | undefined)[] = []
  let running = true
  let next = 0

  async function uploadOne(pauseMs: number): Promise<void> {
    const key = `load/${next++}.bin`
    const content = randomBytes(randomInt(50_000, 1_500_000))
    // The process that mints may be the one that is killed.
    const url = await deployment.uploadUrl(key).catch(() => undefined)
    if (url === undefined) return
    uploads.push({ key, bytes: content, status: await put(url, content, { pieces: 20, pauseMs }) })
  }

  async function readOne(): Promise<void> {
    const first = randomInt(bytes.length - 100_000)
    const last = first + randomInt(1, 100_000)
    const expected = bytes.subarray(first, last + 1)
    ranges.push(
      await fetch(link, { headers: { range: `bytes=${first}-${last}` } })
        .then(async (reply) => Buffer.from(await reply.arrayBuffer()).equals(expected))
        .catch(() => undefined),
    )
    await sleep(20)
  }

  async function race(counted: CountedLink): Promise<void> {
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        counted.asked++
        const reply = await fetch(counted.url, { headers: { range: 'bytes=0-999' } }).catch(() => undefined)
        if (reply?.ok) counted.served++
        await reply?.arrayBuffer().catch(() => {})
      }),
    )
  }

  const whileRunning = async (work: () => Promise<void>) => {
    while (running) await work()
  }
  let turn = 0
  const clients = [
    ...Array.from({ length: UPLOADERS }, () => whileRunning(() => uploadOne(40))),
    ...Array.from({ length: SLOW_UPLOADERS }, () => whileRunning(() => uploadOne(150))),
    ...Array.from({ length: READERS }, () => whileRunning(readOne)),
    whileRunning(() => race(links[turn++ % links.length] as CountedLink)),
  ]
  return {
    uploads,
    links,
    ranges,
    async stop() {
      running = false
      await Promise.all(clients)
      // Of those that are good for few nothing is left, and no process gives more.
      await Promise.all(links.map(race))
    },
  }
}
