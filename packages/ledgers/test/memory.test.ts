import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { memoryLedger } from '../src/memory/index.js'

const NOW = 1_795_280_000_000
const END = 1_795_283_600

function ledgerAt() {
  const clock = { now: NOW }
  const ledger = memoryLedger({ now: () => clock.now })
  let attempts = 0
  const claim = (id: string, limit: number, expiresAt: number, attempt = String(attempts++)) =>
    ledger.claim({ id, limit, expiresAt, attempt })
  const release = (id: string, attempt: string) => ledger.release({ id, limit: 1, expiresAt: END, attempt })
  return { clock, claim, ledger, release }
}

async function claims(claim: ReturnType<typeof ledgerAt>['claim'], id: string, limit: number, count: number) {
  const taken = await Promise.all(Array.from({ length: count }, () => claim(id, limit, END)))
  return taken.filter((each) => each).length
}

test.each([
  [1, 1],
  [50, 1],
  [3, 7],
  [100, 7],
  [7, 7],
])('of %i racing claims on a limit of %i exactly the lesser number succeeds', async (count, limit) => {
  const { claim } = ledgerAt()
  expect(await claims(claim, 'a', limit, count)).toBe(Math.min(count, limit))
  expect(await claim('a', limit, END)).toBe(count < limit)
})

test('ids count apart', async () => {
  const { claim } = ledgerAt()
  expect(await claim('a', 1, END)).toBe(true)
  expect(await claim('b', 1, END)).toBe(true)
  expect(await claim('__proto__', 1, END)).toBe(true)
  expect(await claim('__proto__', 1, END)).toBe(false)
})

test('a use that came to nothing is given back, once, and no more than was taken', async () => {
  const { claim, release } = ledgerAt()
  expect(await claim('a', 2, END, 'first')).toBe(true)
  expect(await claim('a', 2, END, 'second')).toBe(true)
  expect(await claim('a', 2, END, 'first')).toBe(true)
  for (let more = 0; more < 5; more++) await release('a', 'first')
  await release('a', 'never made')
  await release('never claimed', 'second')
  expect(await claims(claim, 'a', 2, 5)).toBe(1)
  expect(await claims(claim, 'never claimed', 1, 5)).toBe(1)
})

test('a count is kept to its end, and nothing is taken from then on', async () => {
  const { clock, claim } = ledgerAt()
  expect(await claim('a', 1, END)).toBe(true)
  clock.now = END * 1000 - 1
  expect(await claim('a', 1, END)).toBe(false)
  clock.now = END * 1000
  expect(await claim('a', 1, END)).toBe(false)
  expect(await claim('new', 1, END)).toBe(false)
  expect(await claim('new', 1, Number.NaN)).toBe(false)
})

test('a claim with an earlier end does not have the count forgotten', async () => {
  const { clock, claim } = ledgerAt()
  expect(await claim('a', 1, END)).toBe(true)
  expect(await claim('a', 1, END - 3000)).toBe(false)
  clock.now = (END - 1) * 1000
  for (let more = 0; more < 10; more++) expect(await claim('a', 1, END)).toBe(false)
})

test('no use is had of a limit of none', async () => {
  const { claim } = ledgerAt()
  for (const limit of [0, -1, Number.NaN]) expect(await claim('a', limit, END)).toBe(false)
})

test('what is over is forgotten, a little with each claim', async () => {
  const sizes: number[] = []
  const { clock, claim } = ledgerAt()
  for (let at = 0; at < 1000; at++) await claim(`old-${at}`, 1, END)
  clock.now = END * 1000
  // A count that is still there refuses a claim that one which was forgotten would take.
  const later = END + 1000
  for (let at = 0; at < 2000; at++) await claim(`new-${at}`, 1, later)
  for (let at = 0; at < 1000; at++) sizes.push(Number(await claim(`old-${at}`, 1, later)))
  expect(sizes.every((each) => each === 1)).toBe(true)
  expect(await claim('new-0', 1, later)).toBe(false)
})

test('memory is bounded by what is valid at a time, not by what ever was', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage: () => void = runInNewContext('gc')
  const heap = () => {
    collectGarbage()
    return process.memoryUsage().heapUsed
  }
  const { clock, ledger } = ledgerAt()
  const useFor = async (minutes: number) => {
    for (let minute = 0; minute < minutes; minute++) {
      clock.now += 60_000
      const expiresAt = Math.floor(clock.now / 1000) + 120
      for (let at = 0; at < 500; at++) {
        const name = `${clock.now}-${at}-${'x'.repeat(100)}`
        const resume = { client: 'c', seconds: 60, joins: true }
        await ledger.claim({ id: name, limit: 1, expiresAt, attempt: 'first', resume })
        await ledger.revoke([name], { issuedBy: 1, expiresAt })
      }
    }
  }
  await useFor(20)
  const before = heap()
  await useFor(200)
  // 100 000 ids, attempts, windows and names of 100 bytes and more.
  expect(heap() - before).toBeLessThan(10_000_000)
  expect(await ledger.isRevoked(['never'], 1)).toBe(false)
}, 60_000)
