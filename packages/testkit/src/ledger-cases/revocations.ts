import assert from 'node:assert/strict'
import type { LedgerCase } from '../ledger-case.js'
import { anotherOf, claimFor, pass, passUntil, secondsFromNow } from './case-claims.js'
import { ODD_TEXTS } from './texts.js'

const ISSUED = 1_795_280_000
const EVER = Number.MAX_SAFE_INTEGER

/** What is revoked, and for how long. */
export const revocationCases: readonly LedgerCase[] = [
  {
    name: 'tokens that were issued then or before are revoked, later ones are not',
    async run(context) {
      const { ledger } = context
      const expiresAt = secondsFromNow(context, 3600)
      assert.equal(await ledger.isRevoked(['a'], ISSUED), false)
      await ledger.revoke(['a'], { issuedBy: ISSUED, expiresAt })
      const revoked = [0, ISSUED - 1, ISSUED, ISSUED + 1, EVER].map((at) => ledger.isRevoked(['a'], at))
      assert.deepEqual(await Promise.all(revoked), [true, true, true, false, false])
      assert.equal(await ledger.isRevoked(['b'], 0), false)
      assert.equal(await ledger.isRevoked([], 0), false)
    },
  },
  {
    name: 'a revocation of all tokens holds for any that is ever issued',
    async run(context) {
      const { ledger } = context
      await ledger.revoke(['a'], { issuedBy: EVER, expiresAt: secondsFromNow(context, 3600) })
      for (const at of [0, ISSUED, EVER - 1, EVER]) assert.equal(await ledger.isRevoked(['a'], at), true)
    },
  },
  {
    name: 'one name of many is enough, and each of many is revoked',
    async run(context) {
      const { ledger } = context
      const expiresAt = secondsFromNow(context, 3600)
      await ledger.revoke([], { issuedBy: EVER, expiresAt })
      await ledger.revoke(['b', 'c', 'b'], { issuedBy: ISSUED, expiresAt })
      assert.equal(await ledger.isRevoked(['a', 'b'], ISSUED), true)
      assert.equal(await ledger.isRevoked(['c', 'a', 'a'], ISSUED), true)
      assert.equal(await ledger.isRevoked(['a', 'd'], ISSUED), false)
      await ledger.revoke(['d'], { issuedBy: ISSUED - 5, expiresAt })
      assert.equal(await ledger.isRevoked(['a', 'd'], ISSUED - 4), false)
      assert.equal(await ledger.isRevoked(['d', 'b'], ISSUED - 4), true)
    },
  },
  {
    name: 'of several revocations of a name the largest numbers hold, in any order',
    async run(context) {
      const { ledger } = context
      const [soon, late] = [secondsFromNow(context, 3), secondsFromNow(context, 3600)]
      const [less, more] = [ISSUED, ISSUED + 100]
      const orders: Record<string, readonly (readonly [number, number])[]> = {
        a: [[more, soon], [less, late]], // biome-ignore format: a table
        b: [[less, late], [more, soon]], // biome-ignore format: a table
        c: [[less, soon], [more, late]], // biome-ignore format: a table
        d: [[more, late], [less, soon]], // biome-ignore format: a table
      }
      for (const [name, revocations] of Object.entries(orders)) {
        for (const [issuedBy, expiresAt] of revocations) await ledger.revoke([name], { issuedBy, expiresAt })
      }
      const assertAll = async () => {
        for (const name of Object.keys(orders)) {
          assert.equal(await ledger.isRevoked([name], more), true, name)
          assert.equal(await ledger.isRevoked([name], more + 1), false, name)
        }
      }
      await assertAll()
      await passUntil(context, soon)
      await assertAll()
    },
  },
  {
    name: 'of racing revocations of a name the largest holds',
    async run(context) {
      const { ledger } = context
      const expiresAt = secondsFromNow(context, 3600)
      const moments = Array.from({ length: 100 }, (_, at) => ISSUED + ((at * 37) % 100))
      await Promise.all(moments.map((issuedBy) => ledger.revoke(['a', 'b'], { issuedBy, expiresAt })))
      for (const name of ['a', 'b']) {
        assert.equal(await ledger.isRevoked([name], ISSUED + 99), true)
        assert.equal(await ledger.isRevoked([name], ISSUED + 100), false)
      }
    },
  },
  {
    name: 'racing revocations of the same names in different orders all succeed',
    async run(context) {
      const { ledger } = context
      const expiresAt = secondsFromNow(context, 3600)
      const names = Array.from({ length: 50 }, (_, at) => `name-${at}`)
      const orders = Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? names : [...names].reverse()))
      await Promise.all(orders.map((order) => ledger.revoke(order, { issuedBy: ISSUED, expiresAt })))
      for (const name of names) assert.equal(await ledger.isRevoked([name], ISSUED), true)
    },
  },
  {
    name: 'a revocation is kept to its end, whatever else comes and goes',
    async run(context) {
      const { ledger } = context
      await ledger.revoke(['a'], { issuedBy: ISSUED, expiresAt: secondsFromNow(context, 6) })
      await pass(context, 3000)
      const others = Array.from({ length: 50 }, (_, at) => `other-${at}`)
      await ledger.revoke(others, { issuedBy: ISSUED, expiresAt: secondsFromNow(context, 3600) })
      for (let at = 0; at < 20; at++) await ledger.claim(claimFor(context, { id: `other-${at}` }))
      assert.equal(await ledger.isRevoked(['a'], ISSUED), true)
    },
  },
  {
    name: 'another ledger knows of a revocation at once',
    needs: ['another'],
    async run(context) {
      const second = await anotherOf(context)
      for (let at = 0; at < 20; at++) {
        await context.ledger.revoke([`a-${at}`], { issuedBy: ISSUED, expiresAt: secondsFromNow(context, 60) })
        assert.equal(await second.isRevoked([`a-${at}`], ISSUED), true)
      }
    },
  },
  {
    name: '600 names are looked for at once, each of 1 100 bytes',
    async run(context) {
      const { ledger } = context
      const name = (at: number) => `${'n'.repeat(1096)}${String(at).padStart(4, '0')}`
      const names = Array.from({ length: 600 }, (_, at) => name(at))
      const expiresAt = secondsFromNow(context, 3600)
      await ledger.revoke([name(9999)], { issuedBy: ISSUED, expiresAt })
      assert.equal(await ledger.isRevoked(names, ISSUED), false)
      await ledger.revoke([name(599)], { issuedBy: ISSUED, expiresAt })
      assert.equal(await ledger.isRevoked(names, ISSUED), true)
      assert.equal(await ledger.isRevoked(names.slice(0, 599), ISSUED), false)
      await ledger.revoke(names, { issuedBy: ISSUED + 1, expiresAt })
      assert.equal(await ledger.isRevoked(names.slice(0, 1), ISSUED + 1), true)
    },
  },
  {
    name: 'names of any text are told apart',
    async run(context) {
      const { ledger } = context
      const expiresAt = secondsFromNow(context, 3600)
      const texts = [...ODD_TEXTS, '', 'nul\0', 'nul\0l', '\u{1f600}'.repeat(275), '\ud800']
      for (const [at, name] of texts.entries()) {
        assert.equal(await ledger.isRevoked([name], ISSUED), false, JSON.stringify(name))
        await ledger.revoke([name], { issuedBy: ISSUED + at, expiresAt })
        assert.equal(await ledger.isRevoked([name], ISSUED + at), true, JSON.stringify(name))
        assert.equal(await ledger.isRevoked([name], ISSUED + at + 1), false, JSON.stringify(name))
      }
    },
  },
]
