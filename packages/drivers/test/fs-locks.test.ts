import { spawnSync } from 'node:child_process'
import fs, { readdirSync, readlinkSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { CommitLocks } from '../src/fs/commit-lock.js'
import { ownOwner } from '../src/fs/owner.js'
import { scratchFolder } from './fs-context.js'

const ELSEWHERE = '0123456789abcdef.1.1.abc'
const HASH = 'f'.repeat(64)

afterEach(() => {
  vi.restoreAllMocks()
})

/** Lets the clock by which locks are judged run so many times as fast. */
function speedUp(factor: number) {
  const now = performance.now.bind(performance)
  const start = now()
  vi.spyOn(performance, 'now').mockImplementation(() => start + (now() - start) * factor)
}

describe('a lock held elsewhere', () => {
  it('is waited for', async () => {
    const folder = scratchFolder()
    symlinkSync(ELSEWHERE, join(folder, HASH))
    let held = false
    const holding = new CommitLocks(folder).hold(HASH, async () => {
      held = true
    })
    await new Promise((go) => setTimeout(go, 400))
    expect(held).toBe(false)
    unlinkSync(join(folder, HASH))
    await holding
    expect(held).toBe(true)
    expect(readdirSync(folder)).toEqual([])
  })

  it.each(['link', 'file'])('is broken as hung when nothing changed for 15 seconds (a %s)', async (form) => {
    const folder = scratchFolder()
    if (form === 'link') symlinkSync(ELSEWHERE, join(folder, HASH))
    else writeFileSync(join(folder, HASH), ELSEWHERE)
    speedUp(50)
    const begun = Date.now()
    await new CommitLocks(folder).hold(HASH, async () => {})
    expect(Date.now() - begun).toBeGreaterThan(250)
    expect(readdirSync(folder)).toEqual([])
  })

  it('that goes from hand to hand is not taken for hung; who waits a minute gives up', async () => {
    const folder = scratchFolder()
    symlinkSync(ELSEWHERE, join(folder, HASH))
    let turn = 0
    // Renamed over, so that it is free at no moment.
    const others = setInterval(() => {
      symlinkSync(`${ELSEWHERE}${turn++}`, join(folder, 'next'))
      renameSync(join(folder, 'next'), join(folder, HASH))
    }, 50)
    speedUp(50)
    let held = false
    const holding = new CommitLocks(folder).hold(HASH, async () => {
      held = true
    })
    await expect(holding).rejects.toMatchObject({ code: 'storage_unavailable' })
    clearInterval(others)
    expect(held).toBe(false)
    expect(turn).toBeGreaterThan(10)
  })
})

describe('a dead holder’s lock', () => {
  async function deadHolder(): Promise<string> {
    const { machine } = await ownOwner()
    return `${machine}.${spawnSync('true').pid}.1.abc`
  }

  it('is broken', async () => {
    const folder = scratchFolder()
    symlinkSync(await deadHolder(), join(folder, HASH))
    expect(await new CommitLocks(folder).breakIfDead(HASH)).toBe(true)
    expect(readdirSync(folder)).toEqual([])
  })

  it('is left to the one who is already breaking it', async () => {
    const folder = scratchFolder()
    symlinkSync(await deadHolder(), join(folder, HASH))
    symlinkSync(ELSEWHERE, join(folder, `${HASH}.break`))
    expect(await new CommitLocks(folder).breakIfDead(HASH)).toBe(false)
    expect(readdirSync(folder)).toHaveLength(2)
  })

  it('is broken in the end when the one who was breaking it died as well', async () => {
    const folder = scratchFolder()
    symlinkSync(await deadHolder(), join(folder, HASH))
    symlinkSync(await deadHolder(), join(folder, `${HASH}.break`))
    await new CommitLocks(folder).hold(HASH, async () => {})
    expect(readdirSync(folder)).toEqual([])
  })

  it('is left alone when somebody else has taken it since', async () => {
    const folder = scratchFolder()
    symlinkSync(await deadHolder(), join(folder, HASH))
    const symlink = fs.symlink
    vi.spyOn(fs, 'symlink').mockImplementation(((target: string, path: string, done: () => void) => {
      unlinkSync(join(folder, HASH))
      symlinkSync(ELSEWHERE, join(folder, HASH))
      symlink(target, path, done)
    }) as never)
    expect(await new CommitLocks(folder).breakIfDead(HASH)).toBe(false)
    expect(readlinkSync(join(folder, HASH))).toBe(ELSEWHERE)
    expect(readdirSync(folder)).toEqual([HASH])
  })
})

describe('a holder', () => {
  it('lets the next one in after an error', async () => {
    const folder = scratchFolder()
    const locks = new CommitLocks(folder)
    const failing = locks.hold(HASH, () => Promise.reject(new Error('task')))
    const next = locks.hold(HASH, async () => 'next')
    await expect(failing).rejects.toThrow('task')
    expect(await next).toBe('next')
    expect(readdirSync(folder)).toEqual([])
  })

  it('that hung leaves the lock of the one who took over', async () => {
    const folder = scratchFolder()
    const hung = new CommitLocks(folder).hold(HASH, async () => {
      unlinkSync(join(folder, HASH))
      symlinkSync(ELSEWHERE, join(folder, HASH))
      speedUp(1)
      const now = Date.now()
      vi.spyOn(performance, 'now').mockReturnValue(now)
    })
    await hung
    expect(readlinkSync(join(folder, HASH))).toBe(ELSEWHERE)
  })

  it('gives way in the order in which the others of its process came', async () => {
    const locks = new CommitLocks(scratchFolder())
    const order: number[] = []
    await Promise.all(Array.from({ length: 20 }, (_, at) => locks.hold(HASH, async () => order.push(at))))
    expect(order).toEqual(Array.from({ length: 20 }, (_, at) => at))
  })

  it('is one at a time, with links and without', async () => {
    for (const links of [true, false]) {
      const folder = scratchFolder()
      if (!links) {
        vi.spyOn(fs, 'symlink').mockImplementation(((
          _target: string,
          _path: string,
          done: (e: Error) => void,
        ) => done(Object.assign(new Error('ENOSYS'), { code: 'ENOSYS', syscall: 'symlink' }))) as never)
      }
      let holders = 0
      const locks = Array.from({ length: 6 }, () => new CommitLocks(folder))
      const tasks = Array.from({ length: 30 }, (_, at) =>
        locks[at % locks.length]?.hold(HASH, async () => {
          expect(++holders).toBe(1)
          await new Promise((go) => setTimeout(go, 1))
          holders--
        }),
      )
      await Promise.all(tasks)
      expect(readdirSync(folder)).toEqual([])
    }
  })
})
