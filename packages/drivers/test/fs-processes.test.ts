import { mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fsDriver } from '@latchkey/drivers/fs'
import { describe, expect, it } from 'vitest'
import { nameHash } from '../src/fs/sidecar.js'
import { killChild, runChild, startChild, useChildScript } from './child-process.js'
import { expectNothingLeft, scratchFolder } from './fs-context.js'
import { readText, writeText } from './texts.js'

const PROCESSES = 16
const script = useChildScript()

describe('several processes on one root', () => {
  it(`let exactly one of ${PROCESSES} creates win`, async () => {
    const root = scratchFolder()
    const at = Date.now() + 2500
    const race = { type: 'race', root, key: 'a/raced', at } as const
    const codes = await Promise.all(Array.from({ length: PROCESSES }, () => runChild<string>(script(), race)))
    expect(codes.sort()).toEqual([...Array(PROCESSES - 1).fill('exists'), 'ok'])
    await expectNothingLeft(root)
  })

  it(`let exactly one of ${PROCESSES} replacements of a version win`, async () => {
    const root = scratchFolder()
    const { etag } = (await writeText(fsDriver({ root }), 'raced', 'start')).stat
    const race = { type: 'race', root, key: 'raced', etag, at: Date.now() + 2500 } as const
    const codes = await Promise.all(Array.from({ length: PROCESSES }, () => runChild<string>(script(), race)))
    expect(codes.sort()).toEqual(['ok', ...Array(PROCESSES - 1).fill('precondition_failed')])
    await expectNothingLeft(root)
  })

  it('write, prune and delete side by side without a failure', async () => {
    const root = scratchFolder()
    const failures = await Promise.all(
      Array.from({ length: 4 }, (_, at) =>
        runChild<string[]>(script(), { type: 'churn', root, key: `deep/er/${at % 2}`, turns: 150 }),
      ),
    )
    expect(failures.flat()).toEqual([])
    await expectNothingLeft(root)
    expect(readdirSync(root)).toEqual(['.latchkey'])
  })
})

describe('a process killed in mid-upload', () => {
  it('leaves the old object, and after the next start no temporary file', async () => {
    const root = scratchFolder()
    const before = await writeText(fsDriver({ root }), 'kept', 'old')
    const child = await startChild(script(), { type: 'hang-in-upload', root, key: 'kept' })
    expect(readdirSync(join(root, '.latchkey/tmp'))).toHaveLength(1)

    const beside = fsDriver({ root })
    await writeText(beside, 'other', 'x')
    expect(readdirSync(join(root, '.latchkey/tmp')), 'a live upload is left alone').toHaveLength(1)

    await killChild(child)
    const after = fsDriver({ root })
    expect(await after.stat('kept')).toEqual(before.stat)
    expect(await readText(after, 'kept')).toBe('old')
    await writeText(after, 'other', 'y')
    await expectNothingLeft(root)
  })
})

describe('what dead processes left', () => {
  const OTHER_MACHINE = '0123456789abcdef'

  async function deadOwner(root: string): Promise<string> {
    const child = await startChild(script(), { type: 'hang-in-upload', root, key: 'dead' })
    const name = readdirSync(join(root, '.latchkey/tmp'))[0] ?? ''
    await killChild(child)
    return name
  }

  it('is broken at once where it is a lock in the way of a write', async () => {
    const root = scratchFolder()
    const driver = fsDriver({ root })
    await writeText(driver, 'locked', 'old')
    const lock = join(root, '.latchkey/locks', nameHash('locked'))
    symlinkSync(await deadOwner(root), lock)
    const begun = Date.now()
    await writeText(driver, 'locked', 'new')
    expect(Date.now() - begun).toBeLessThan(5000)
    expect(await readText(driver, 'locked')).toBe('new')
    expect(readdirSync(join(root, '.latchkey/locks'))).toEqual([])
  })

  it('is broken by one alone: a lock found dead by many still lets one in at a time', async () => {
    const root = scratchFolder()
    const dead = await deadOwner(root)
    const drivers = Array.from({ length: 8 }, () => fsDriver({ root }))
    for (const driver of drivers) await writeText(driver, 'counted', 'start')
    let etag = (await drivers[0]?.stat('counted'))?.etag ?? ''
    for (let round = 0; round < 5; round++) {
      symlinkSync(dead, join(root, '.latchkey/locks', nameHash('counted')))
      const precondition = { type: 'match', etags: [etag] } as const
      const outcomes = await Promise.allSettled(
        drivers.map((each) => writeText(each, 'counted', 'x', { precondition })),
      )
      const winners = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
      expect(winners).toHaveLength(1)
      etag = winners[0]?.stat.etag ?? ''
    }
    await expectNothingLeft(root)
  })

  it('goes at the next start, what others hold stays', async () => {
    const root = scratchFolder()
    const dead = await deadOwner(root)
    const locks = join(root, '.latchkey/locks')
    const temp = join(root, '.latchkey/tmp')
    symlinkSync(dead, join(locks, nameHash('any')))
    symlinkSync(`${OTHER_MACHINE}.1.1.abc`, join(locks, nameHash('elsewhere')))
    writeFileSync(join(temp, `${OTHER_MACHINE}.1.1.young`), 'x')
    writeFileSync(join(temp, `${OTHER_MACHINE}.1.1.old`), 'x')
    utimesSync(join(temp, `${OTHER_MACHINE}.1.1.old`), 0, Date.now() / 1000 - 3700)
    writeFileSync(join(temp, 'of-nobody'), 'x')
    // Our own number with another start: a process before us, or before the machine's last start.
    writeFileSync(join(temp, dead.replace(/\.\d+\.\d+\./, `.${process.pid}.1.`)), 'x')
    await writeText(fsDriver({ root }), 'trigger', 'x')
    expect(readdirSync(locks)).toEqual([nameHash('elsewhere')])
    expect(readdirSync(temp).sort()).toEqual([`${OTHER_MACHINE}.1.1.young`, 'of-nobody'])
  })

  it('goes also where it is a sidecar without its file, when it is old', async () => {
    const root = scratchFolder()
    const first = fsDriver({ root })
    await writeText(first, 'kept', 'x')
    const meta = join(root, '.latchkey/meta')
    const place = (name: string) => join(meta, nameHash(name).slice(0, 2), `${nameHash(name).slice(2)}.1-2-3`)
    const sidecar = { name: '', version: 'v', contentType: 'text/plain', visibility: 'public' }
    for (const name of ['gone', 'young', 'kept', 'torn']) {
      mkdirSync(join(place(name), '..'), { recursive: true })
      writeFileSync(place(name), name === 'torn' ? '{"na' : JSON.stringify({ ...sidecar, name }))
      if (name !== 'young') utimesSync(place(name), 0, Date.now() / 1000 - 3700)
    }
    const own = readdirSync(join(meta, nameHash('kept').slice(0, 2)))
    expect(own).toHaveLength(2)
    for (const entry of own)
      utimesSync(join(meta, nameHash('kept').slice(0, 2), entry), 0, Date.now() / 1000 - 3700)
    utimesSync(join(meta, 'swept'), 0, Date.now() / 1000 - 90_000)
    fsDriver({ root })
    await expect
      .poll(
        () => readdirSync(meta).flatMap((shard) => (shard === 'swept' ? [] : readdirSync(join(meta, shard)))),
        {
          timeout: 5000,
        },
      )
      .toHaveLength(2)
    // The sweep goes from folder to folder with pauses: time to be through with all.
    await new Promise((go) => setTimeout(go, 500))
    expect((await fsDriver({ root }).stat('kept'))?.contentType).toBe('text/plain')
    expect(readdirSync(join(meta, nameHash('young').slice(0, 2)))).toHaveLength(1)
  })
})
