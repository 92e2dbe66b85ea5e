import fs from 'node:fs'
import type { MultipartStorage, UploadedPart } from '@latchkey/core'
import { fsDriver } from '@latchkey/drivers/fs'
import { breakNthCall } from '../break-nth-call.js'

/** What a child process does to an upload in parts, as JSON in its first argument; it prints one line of JSON. */
export interface UploadTask {
  readonly type: 'parts' | 'hang-in-part' | 'part' | 'complete' | 'complete-too-late' | 'abort'
  readonly root: string
  readonly key: string
  readonly uploadId: string
  /** The parts to store. */
  readonly numbers?: readonly number[]
  readonly size?: number
  readonly maxTotal?: number
  /** The parts to complete. */
  readonly list?: readonly UploadedPart[]
  /** The version to replace; absent creates only. */
  readonly etag?: string
  /** Dies, as by kill -9, in place of this call that changes the disk, counted from 1. */
  readonly dieAt?: number
  /** When to begin, so that several do so at once. */
  readonly at?: number
}

async function* filled(size: number, byte: number) {
  for (let left = size; left > 0; left -= 65_536) yield Buffer.alloc(Math.min(left, 65_536), byte)
}

async function perform(task: UploadTask, storage: MultipartStorage): Promise<unknown> {
  const { type, root, key, uploadId, numbers = [1], size = 100_000, maxTotal = 1e9, list = [], etag } = task
  if (task.at !== undefined) await new Promise((go) => setTimeout(go, (task.at ?? 0) - Date.now()))
  switch (type) {
    case 'parts': {
      const stored = numbers.map((number) =>
        storage.writePart(key, uploadId, number, filled(size, number), { maxTotal }),
      )
      return (await Promise.allSettled(stored)).map((part) =>
        part.status === 'fulfilled' ? part.value : part.reason.code,
      )
    }
    case 'hang-in-part': {
      async function* body() {
        yield Buffer.alloc(3_000_000)
        while (fs.readdirSync(`${root}/.latchkey/tmp`).length === 0)
          await new Promise((go) => setTimeout(go, 5))
        console.log(JSON.stringify('hanging'))
        await new Promise((go) => setTimeout(go, 60_000))
      }
      return storage.writePart(key, uploadId, 1, body(), { maxTotal })
    }
    case 'part':
      return storage.writePart(key, uploadId, 1, filled(size, 9), { maxTotal })
    case 'complete': {
      const precondition =
        etag === undefined ? ({ type: 'absent' } as const) : ({ type: 'match', etags: [etag] } as const)
      return storage.complete(key, uploadId, list, { maxTotal, precondition })
    }
    case 'complete-too-late': {
      const precondition = { type: 'absent' } as const
      const onEnd = async () => {
        await fs.promises.mkdir(`${root}/a`, { recursive: true })
        await fs.promises.writeFile(`${root}/${key}`, 'somebody else’s')
      }
      return storage.complete(key, uploadId, list, { maxTotal, precondition, onEnd }).catch(() => 'failed')
    }
    case 'abort':
      await storage.abort(key, uploadId)
      return 'aborted'
  }
}

const task: UploadTask = JSON.parse(process.argv[2] ?? '')
const { multipart } = fsDriver({ root: task.root })
if (task.dieAt !== undefined) {
  // What a driver does at its start is over by then, and not counted.
  await multipart?.listParts(task.key, task.uploadId)
  await new Promise((go) => setTimeout(go, 100))
  breakNthCall(fs, task.dieAt, () => process.kill(process.pid, 'SIGKILL'))
}
console.log(JSON.stringify(multipart && (await perform(task, multipart))))
process.exit(0)
