import assert from 'node:assert/strict'
import type { LedgerCase } from '../ledger-case.js'
import { assertGranted, assertLeft, claimFor, claimsFor, granted } from './case-claims.js'

/** Texts that have a meaning somewhere, or differ in little. */
export const ODD_TEXTS: readonly string[] = [
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'null',
    'undefined',
    'true',
    '0',
    '-1',
    '1e3',
  ],
  ...[
    "'",
    '"',
    '`',
    "'; DROP TABLE a; --",
    '\\',
    '\\x00',
    '$1',
    '?',
    ':a',
    '%s',
    '%',
    '_',
    '*',
    '[a]',
    '(a)',
  ],
  ...[
    '{',
    '}',
    '{}',
    '{a}',
    '{a}{b}',
    '}{',
    'a:b',
    'a|b',
    'a/b',
    'a,b',
    'a.b',
    'a\tb',
    'a\nb',
    'a\r\nb',
    ' ',
  ],
  ...[
    'x',
    'X',
    'x ',
    ' x',
    'x.',
    'x\n',
    'ß',
    'ss',
    'é',
    'e\u0301',
    'İ',
    'i',
    'ı',
    '日本',
    '\u{1f600}',
    '\ufeffx',
  ],
  ...['l'.repeat(255), 'l'.repeat(256), '\u00e9'.repeat(64), '\u{1f511}'.repeat(32)],
]

const SEPARATORS = ['\n', ':', '|', '/', '.', ',', ' ', '-', '_', '}', '{', '"', '\\', '\u001f']

/** Ids, attempts and clients of any text. */
export const textCases: readonly LedgerCase[] = [
  {
    name: 'ids of any text count apart',
    async run(context) {
      const { ledger } = context
      const counts = ODD_TEXTS.map((id) => granted(ledger, claimsFor(context, 3, { id, limit: 2 })))
      const found = await Promise.all(counts)
      ODD_TEXTS.forEach((id, at) => {
        assert.equal(found[at], 2, JSON.stringify(id))
      })
      for (const id of ODD_TEXTS)
        assert.equal(await ledger.isSpent(claimFor(context, { id, limit: 2 })), true)
    },
  },
  {
    name: 'clients of any text have their own windows',
    async run(context) {
      const { ledger } = context
      const limit = ODD_TEXTS.length
      for (const text of ODD_TEXTS) {
        const resume = { client: text.slice(0, 64), seconds: 600, joins: false }
        await assertGranted(ledger, claimFor(context, { limit, resume }))
      }
      for (const text of ODD_TEXTS) {
        const resume = { client: text.slice(0, 64), seconds: 600, joins: true }
        await assertGranted(ledger, claimFor(context, { limit, resume }), JSON.stringify(text))
      }
    },
  },
  {
    name: 'each of many clients joins its own window alone',
    async run(context) {
      const { ledger } = context
      const clients = [...new Set(ODD_TEXTS.map((text) => text.slice(0, 64)))]
      for (const [at, client] of clients.entries()) {
        const resume = { client, seconds: 600, joins: true }
        await assertGranted(ledger, claimFor(context, { id: `id-${at}`, resume }))
        const next = clients[(at + 1) % clients.length] ?? ''
        const stranger = claimFor(context, { id: `id-${at}`, resume: { ...resume, client: next } })
        assert.equal(await ledger.isSpent(stranger), true, JSON.stringify([client, next]))
      }
    },
  },
  {
    name: 'ids, attempts and clients do not run into one another',
    async run(context) {
      const { ledger } = context
      for (const mark of SEPARATORS) {
        const resume = { client: `x${mark}y`, seconds: 600, joins: true }
        const [left, right] = [`a${mark}x`, `b${mark}x`]
        await assertGranted(ledger, claimFor(context, { id: `b${mark}x`, limit: 1 }))
        await assertGranted(ledger, claimFor(context, { id: 'b', resume, limit: 99 }))
        const stranger = { ...claimFor(context, { id: right }), resume: { ...resume, client: 'y' } }
        assert.equal(await ledger.claim(stranger), false, `client after ${JSON.stringify(mark)}`)
        await assertGranted(ledger, claimFor(context, { id: left, limit: 1 }))
        await assertGranted(ledger, claimFor(context, { id: 'a', limit: 99, attempt: `x${mark}again` }))
        const repeated = claimFor(context, { id: left, attempt: 'again' })
        assert.equal(await ledger.claim(repeated), false, `attempt after ${JSON.stringify(mark)}`)
      }
    },
  },
  {
    name: 'an id and the name of a revocation have nothing to do with each other',
    async run(context) {
      const { ledger } = context
      await ledger.revoke(['a'], {
        issuedBy: Number.MAX_SAFE_INTEGER,
        expiresAt: claimFor(context).expiresAt,
      })
      await assertLeft(context, 1)
      await assertGranted(ledger, claimFor(context, { id: 'b' }))
      assert.equal(await ledger.isRevoked(['b'], 1), false)
    },
  },
]
