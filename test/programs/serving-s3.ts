import { readFileSync } from 'node:fs'
import { createLatchkey } from '@latchkey/core'
import { s3Driver } from '@latchkey/drivers/s3'
import { CASE_KEY, CASE_MOUNT } from '@latchkey/testkit'
import { s3Client } from '../engines/s3-client.js'
import { expressHost } from '../hosts/express.js'
import { answerAll, readTask } from './answer.js'

/** Serves a bucket in Express, and says where; asked, it tells the most memory that it has had, in bytes. */
const { url, bucket, prefix } = readTask<{ url: string; bucket: string; prefix: string }>()
const files = createLatchkey({
  baseUrl: CASE_MOUNT,
  keys: [CASE_KEY],
  storage: s3Driver({ client: s3Client(url), bucket, prefix }),
  maxUploadSize: '6gb',
})
const running = await expressHost.start(files, CASE_MOUNT)

answerAll(async () => mostMemory(), running.origin)

/**
 * Linux hands what `resourceUsage` calls `maxRSS` on over fork and exec: it would tell how large the test was that started
 * this process.
 */
function mostMemory(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  if (kilobytes === undefined) throw new Error('/proc/self/status tells no VmHWM')
  return Number(kilobytes) * 1024
}
