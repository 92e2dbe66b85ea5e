import type { SigningKey } from '@latchkey/core'
import { narrow, presignUrl } from '@latchkey/core/token'
import { describe, expect, test } from 'vitest'
import { answerOf, jsonOf, type Served, withProcesses } from './served.js'

const OLD: SigningKey = { id: '2026-11', secret: 'the old secret of the runbook, 32 bytes' }
const NEW: SigningKey = { id: '2027-01', secret: 'the new secret of the runbook, 32 bytes' }
const HOUR = 3_600_000
const DAY = 24 * HOUR
/** `expiry.maximum` and `multipart.ttl`, by default. */
const LONGEST = 7 * DAY
const TTL = DAY
const MARGIN = 60_000

/** The runbook: the keys after each step. */
const ADDED = [OLD, NEW]
const SWITCHED = [NEW, OLD]
const RETIRED = [NEW]

/** The clock of both processes. */
class Clock {
  readonly processes: readonly Served[]
  #ahead = 0

  constructor(processes: readonly Served[]) {
    this.processes = processes
  }

  now = (): number => Date.now() + this.#ahead

  async advance(ms: number): Promise<void> {
    this.#ahead += ms
    await Promise.all(this.processes.map((each) => each.setAhead(this.#ahead)))
  }
}

/** Something that was handed out. */
interface Living {
  readonly name: string
  /** Milliseconds. */
  readonly until: number
  /** A URL to begin an upload in parts with. */
  readonly late?: { readonly key: string; readonly url: string }
  use(process: Served): Promise<number | string>
}

let count = 0

/** One of everything that a process hands out, for the longest that it may live, and some for an hour. */
async function handOut(process: Served, clock: Clock): Promise<Living[]> {
  const mark = `${count++}`
  const long = { expiresIn: '7d' }
  const until = clock.now() + LONGEST - MARGIN
  const { now } = clock
  const brief = await process.sign('signedUrl', 'a.txt', { expiresIn: '1h' })
  const read = await process.sign('signedUrl', 'a.txt', long)
  const tree = await process.sign('signedTreeUrl', '', { ...long, wholeMount: true })
  const write = await process.sign('signedUploadUrl', `${mark}.txt`, { ...long, allowOverwrite: true })
  const delegation = await process.delegate({ ...long, prefix: '' })
  const presigned = await presignUrl(delegation, { operation: 'get', key: 'a.txt', ...long, now })
  const narrowed = await narrow(presigned.url, { expiresIn: '6d', now })
  const parts = await process.sign('signedUploadUrl', `${mark}-parts.txt`, long)
  const late = {
    key: `${mark}-late.txt`,
    url: (await process.sign('signedUploadUrl', `${mark}-late.txt`, long)).url,
  }
  const { uploadId } = await jsonOf(process, `${parts.url}&uploads`, 'POST')
  const get = (name: string, url: string, end = until): Living => ({
    name: `${name} ${mark}`,
    until: end,
    use: (by) => answerOf(by, url),
  })
  return [
    get('a brief URL', brief.url, clock.now() + HOUR - MARGIN),
    get('a URL', read.url),
    get('a tree URL', `${tree.url}a.txt`),
    get('a URL of a delegation', presigned.url),
    get('a narrowed URL', narrowed.url, clock.now() + 6 * DAY - MARGIN),
    {
      name: `a delegation ${mark}`,
      until,
      use: async (by) =>
        answerOf(by, (await presignUrl(delegation, { operation: 'get', key: 'a.txt', now })).url),
    },
    { name: `an upload URL ${mark}`, until, late, use: (by) => answerOf(by, write.url, 'PUT', mark) },
    {
      name: `an upload in parts ${mark}`,
      until: clock.now() + TTL - MARGIN,
      use: async (by) => {
        const part = await answerOf(by, `${parts.url}&uploadId=${uploadId}&partNumber=1`, 'PUT', mark)
        return part === 200 ? answerOf(by, `${parts.url}&uploadId=${uploadId}`) : part
      },
    },
  ]
}

/** An upload in parts that a URL of the old key begins at its end, and that goes on with URLs of the new one. */
async function beginLate(process: Served, clock: Clock, living: readonly Living[]): Promise<Living> {
  const { key, url } =
    living
      .flatMap(({ late, until }) =>
        late?.url.includes(`token=${OLD.id}.`) && clock.now() < until ? [late] : [],
      )
      .at(-1) ?? expect.unreachable('no URL of the old key lives')
  const { uploadId = '' } = await jsonOf(process, `${url}&uploads`, 'POST')
  expect(uploadId).toMatch(new RegExp(`^${OLD.id}\\.`))
  return {
    name: `an upload in parts, begun late at ${key}`,
    until: clock.now() + TTL - MARGIN,
    use: async (by) => {
      const fresh = await by.sign('signedUploadUrl', key)
      return answerOf(by, `${fresh.url}&uploadId=${uploadId}&partNumber=1`, 'PUT', key)
    },
  }
}

/** Asserts that each process takes all that has not expired. */
async function assertAllLive(living: readonly Living[], clock: Clock): Promise<number> {
  const alive = living.filter(({ until }) => clock.now() < until)
  const answers = await Promise.all(
    alive.map(async ({ name, use }) => {
      // In turn, as both write to the same key.
      const statuses: (number | string)[] = []
      for (const each of clock.processes) statuses.push(await use(each))
      return { name, statuses }
    }),
  )
  const refused = answers.filter(
    ({ statuses }) => !statuses.every((status) => status === 200 || status === 201),
  )
  expect(refused).toEqual([])
  return alive.length
}

type Order = 'first' | 'second'

/** A step of the runbook in one process and then in the other, with everything tried before, between and after. */
async function roll(keys: SigningKey[], order: Order, clock: Clock, living: Living[]): Promise<void> {
  const processes = order === 'first' ? clock.processes : [...clock.processes].reverse()
  for (const process of processes) {
    expect(await process.reload(keys)).toBeUndefined()
    for (const each of clock.processes) living.push(...(await handOut(each, clock)))
    await clock.advance(HOUR / 2)
    expect(await assertAllLive(living, clock)).toBeGreaterThan(0)
  }
}

const ORDERS = (['first', 'second'] as const).flatMap((add) =>
  (['first', 'second'] as const).flatMap((change) =>
    (['first', 'second'] as const).map((retire) => [add, change, retire] as const),
  ),
)

describe('the runbook for a new signing key', () => {
  test.each(ORDERS)(
    'breaks nothing, where it is added, moved and retired in the %s, %s and %s process first',
    { timeout: 120_000 },
    (add, change, retire) =>
      withProcesses([[OLD], [OLD]], async (...processes) => {
        const clock = new Clock(processes)
        const [one] = processes
        const { url } = (await one?.sign('signedUploadUrl', 'a.txt')) ?? { url: '' }
        expect(await answerOf(processes[0] as Served, url, 'PUT', 'text')).toBe(201)
        const living: Living[] = []
        for (const each of processes) living.push(...(await handOut(each, clock)))
        await roll(ADDED, add, clock, living)
        await roll(SWITCHED, change, clock, living)
        // The wait: what the old key signed last is good to its very end, and so is an upload that it begins then.
        const signedByOld = [...living]
        await clock.advance(LONGEST - 2 * HOUR)
        expect(await assertAllLive(living, clock)).toBeGreaterThan(20)
        for (const each of processes) living.push(await beginLate(each, clock, signedByOld))
        await clock.advance(TTL - HOUR)
        expect(await assertAllLive(living, clock)).toBeGreaterThanOrEqual(2)
        await clock.advance(3 * HOUR)
        for (const each of processes) living.push(...(await handOut(each, clock)))
        await roll(RETIRED, retire, clock, living)
        for (const { name, use } of signedByOld.slice(0, 16)) {
          for (const each of processes) {
            const answer = await use(each).catch(() => 'refused where it would be made')
            expect(answer, name).toMatch(/^(invalid_signature|expired|refused)/)
          }
        }
      }),
  )

  test(
    'needs its first step: a process that does not know the new key refuses what it signed',
    { timeout: 60_000 },
    () =>
      withProcesses([[OLD], [OLD]], async (one, other) => {
        await one.reload(SWITCHED)
        const { url } = await one.sign('signedUrl', 'a.txt')
        expect(await answerOf(one, url)).toBe('not_found')
        expect(await answerOf(other, url)).toBe('invalid_signature')
        await other.reload(SWITCHED)
        expect(await answerOf(other, url)).toBe('not_found')
      }),
  )

  test(
    'needs its wait: what the old key signed is refused from the moment it is retired',
    { timeout: 60_000 },
    () =>
      withProcesses([SWITCHED, SWITCHED, [OLD]], async (one, other, late) => {
        const upload = await late.sign('signedUploadUrl', 'a.txt')
        const { uploadId } = await jsonOf(one, `${upload.url}&uploads`, 'POST')
        const delegation = await late.delegate({ prefix: '' })
        const { url } = await presignUrl(delegation, { operation: 'get', key: 'a.txt' })
        expect(await answerOf(one, url)).toBe('not_found')
        await one.reload(RETIRED)
        expect(await answerOf(one, url)).toBe('invalid_signature')
        expect(await answerOf(one, upload.url, 'PUT', 'x')).toBe('invalid_signature')
        const { url: fresh } = await one.sign('signedUploadUrl', 'a.txt')
        const part = `${fresh}&uploadId=${uploadId}&partNumber=1`
        expect(await answerOf(one, part, 'PUT', 'x')).toBe('upload_not_found')
        expect(await answerOf(other, part, 'PUT', 'x')).toBe(200)
      }),
  )
})

describe('a leaked key', () => {
  test(
    'is refused by every process at once where it is revoked, and forges nothing',
    { timeout: 60_000 },
    () =>
      withProcesses(
        [SWITCHED, SWITCHED],
        async (one, other) => {
          const good = await one.sign('signedUrl', 'a.txt', { expiresIn: '7d' })
          await withProcesses([[OLD]], async (thief) => {
            const forged = await thief.sign('signedUrl', 'a.txt', { revocable: false })
            expect(await answerOf(other, forged.url)).toBe('not_found')
            expect(await one.revoke({ signingKey: OLD.id })).toBeUndefined()
            for (const ahead of [0, 6 * DAY]) {
              for (const each of [one, other, thief]) await each.setAhead(ahead)
              const again = await thief.sign('signedUrl', 'a.txt', { revocable: false })
              for (const each of [one, other]) {
                expect(await answerOf(each, again.url)).toBe('revoked')
                expect(await answerOf(each, good.url)).toBe('not_found')
              }
            }
          })
        },
        { revocable: true },
      ),
  )
})
