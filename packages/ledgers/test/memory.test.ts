import { expect, test } from 'vitest'
import { memoryLedger } from '../src/memory/index.js'

const NOW = 1_795_280_000_000
const END = 1_795_283_600

function ledgerAt() {
  const clock = { now: NOW }
  return { clock, ledger: memoryLedger({ now: () => clock.now }) }
}

async function claims(ledger: ReturnType<typeof memoryLedger>, id: string, limit: number, count: number) {
  const taken = await Promise.all(Array.from({ length: count }, () => ledger.claim(id, limit, END)))
  return taken.filter((each) => each).length
}

test.each([
  [1, 1],
  [50, 1],
  [3, 7],
  [100, 7],
  [7, 7],
])('of %i racing claims on a limit of %i exactly the lesser number succeeds', async (count, limit) => {
  const { ledger } = ledgerAt()
  expect(await claims(ledger, 'a', limit, count)).toBe(Math.min(count, limit))
  expect(await ledger.claim('a', limit, END)).toBe(count < limit)
})

test('ids count apart', async () => {
  const { ledger } = ledgerAt()
  expect(await ledger.claim('a', 1, END)).toBe(true)
  expect(await ledger.claim('b', 1, END)).toBe(true)
  expect(await ledger.claim('__proto__', 1, END)).toBe(true)
  expect(await ledger.claim('__proto__', 1, END)).toBe(false)
})

test('a use that came to nothing is given back, once, and no more than was taken', async () => {
  const { ledger } = ledgerAt()
  expect(await claims(ledger, 'a', 2, 2)).toBe(2)
  await ledger.release('a')
  expect(await claims(ledger, 'a', 2, 5)).toBe(1)
  for (let more = 0; more < 5; more++) await ledger.release('a')
  await ledger.release('never claimed')
  expect(await claims(ledger, 'a', 2, 5)).toBe(2)
  expect(await claims(ledger, 'never claimed', 1, 5)).toBe(1)
})

test('a count is kept to its end, and nothing is taken from then on', async () => {
  const { clock, ledger } = ledgerAt()
  expect(await ledger.claim('a', 1, END)).toBe(true)
  clock.now = END * 1000 - 1
  expect(await ledger.claim('a', 1, END)).toBe(false)
  clock.now = END * 1000
  expect(await ledger.claim('a', 1, END)).toBe(false)
  expect(await ledger.claim('new', 1, END)).toBe(false)
  expect(await ledger.claim('new', 1, Number.NaN)).toBe(false)
})

test('a claim with an earlier end does not have the count forgotten', async () => {
  const { clock, ledger } = ledgerAt()
  expect(await ledger.claim('a', 1, END)).toBe(true)
  expect(await ledger.claim('a', 1, END - 3000)).toBe(false)
  clock.now = (END - 1) * 1000
  for (let more = 0; more < 10; more++) expect(await ledger.claim('a', 1, END)).toBe(false)
})

test('no use is had of a limit of none', async () => {
  const { ledger } = ledgerAt()
  for (const limit of [0, -1, Number.NaN]) expect(await ledger.claim('a', limit, END)).toBe(false)
})

test('what is over is forgotten, a little with each claim', async () => {
  const sizes: number[] = []
  const { clock, ledger } = ledgerAt()
  for (let at = 0; at < 1000; at++) await ledger.claim(`old-${at}`, 1, END)
  clock.now = END * 1000
  // A count that is still there refuses a claim that one which was forgotten would take.
  const later = END + 1000
  for (let at = 0; at < 2000; at++) await ledger.claim(`new-${at}`, 1, later)
  for (let at = 0; at < 1000; at++) sizes.push(Number(await ledger.claim(`old-${at}`, 1, later)))
  expect(sizes.every((each) => each === 1)).toBe(true)
  expect(await ledger.claim('new-0', 1, later)).toBe(false)
})
