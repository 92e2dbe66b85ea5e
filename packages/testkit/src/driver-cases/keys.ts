import assert from 'node:assert/strict'
import type { DriverCase } from '../driver-case.js'
import { assertBytes, assertFails, failureOf, get, put, stat } from './objects.js'

// Names that take a wrong turn wherever a key is decoded, normalised or joined once too often.
const ODD_KEYS = [
  'with space.txt',
  ' leading and trailing ',
  'plus+plus',
  'percent%20%2F%zz',
  'question?mark#hash',
  'amp&semi;colon',
  'at@equals=dollar$',
  'quotes\'"`',
  'brackets[]{}()<>|',
  '...',
  '.hidden/..double/trailing.',
  'tilde~/star*/comma,/bang!',
  'caret^under_score-dash',
  'constructor/__proto__/toString',
  'emoji/🔑🗝️.png',
  'chinese/文件.txt',
  'rtl/שלום.txt',
]

// Names that are one where a library tidies them up. The plainest come first, so that they are there to be mistaken.
const MISTAKABLE_KEYS = [
  'tidy/name',
  'tidy:name',
  'tidy/name?query',
  'tidy/name$',
  'tidy/.name',
  'tidy/name.',
  'tidy/name ',
  ' tidy/name',
  'tidy/na  me',
  'tidy/na me',
  'tidy/na\u00a0me',
  'tidy/na\u200bme',
  'tidy/.../name',
  'tidy/x../name',
  'TIDY/name',
  '.tidy/name',
  'tidy',
]

// Windows and its file systems reserve some of these; a storage there refuses them rather than mangle them.
const REFUSABLE = ['with:colon']

const HOSTILE_KEYS = [
  '',
  '/',
  '/etc/passwd',
  '.',
  '..',
  '../outside',
  'a/../../outside',
  'a/..',
  'a/./b',
  'a//b',
  'a/',
  '/a',
  'nul\0byte',
  'line\nfeed',
  'back\\slash',
  '..\\outside',
  'lone\ud800surrogate',
]

export const keyCases: readonly DriverCase[] = [
  {
    name: 'odd keys are stored and read back as themselves, each apart',
    needs: ['everyKey'],
    async run({ driver }) {
      for (const key of ODD_KEYS) await put(driver, `odd/${key}`, key)
      for (const key of ODD_KEYS) assertBytes(await get(driver, `odd/${key}`), key, JSON.stringify(key))
      for (const key of ODD_KEYS) assert.equal(await driver.delete(`odd/${key}`), true, JSON.stringify(key))
    },
  },
  {
    name: 'an odd key is stored as itself or refused, and a refused one holds nothing of another',
    async run({ driver }) {
      const stored = new Set<string>()
      for (const key of [...ODD_KEYS, ...MISTAKABLE_KEYS]) {
        const [outcome] = await Promise.allSettled([put(driver, key, key)])
        if (outcome.status === 'fulfilled') stored.add(key)
        else await assertFails(Promise.reject(outcome.reason), 'invalid_key', 'key_conflict')
      }
      for (const key of [...ODD_KEYS, ...MISTAKABLE_KEYS]) {
        if (stored.has(key)) assertBytes(await get(driver, key), key, JSON.stringify(key))
        else assert.equal(await driver.stat(key), null, JSON.stringify(key))
      }
    },
  },
  {
    name: 'a key that some systems cannot hold is stored as itself or refused',
    async run({ driver }) {
      for (const key of REFUSABLE) {
        const [outcome] = await Promise.allSettled([put(driver, key, key)])
        if (outcome.status === 'fulfilled') assertBytes(await get(driver, key), key)
        else await assertFails(Promise.reject(outcome.reason), 'invalid_key')
      }
    },
  },
  {
    name: 'a percent sign in a key is no escape',
    needs: ['everyKey'],
    async run({ driver }) {
      await put(driver, 'a%2Fb', 'escaped')
      assert.equal(await driver.stat('a/b'), null)
      await put(driver, 'a/b', 'folder')
      assertBytes(await get(driver, 'a%2Fb'), 'escaped')
      assert.equal(await driver.stat('a%2fb'), null)
    },
  },
  {
    name: 'composed and decomposed Unicode are two keys, or the second finds the first as a whole',
    needs: ['everyKey'],
    async run({ driver }) {
      const [composed, decomposed] = ['caf\u00e9.txt', 'cafe\u0301.txt']
      await put(driver, composed, 'composed')
      const folded = (await driver.stat(decomposed)) !== null
      await put(driver, decomposed, 'decomposed')
      assertBytes(await get(driver, decomposed), 'decomposed')
      assertBytes(await get(driver, composed), folded ? 'decomposed' : 'composed')
    },
  },
  {
    name: 'a key of 1024 bytes in many segments is stored',
    async run({ driver }) {
      const key = `${'segment/'.repeat(127)}${'x'.repeat(8)}`
      assert.equal(key.length, 1024)
      await put(driver, key, 'deep')
      assertBytes(await get(driver, key), 'deep')
      assert.equal(await driver.delete(key), true)
    },
  },
  {
    name: 'a segment of 255 bytes is stored; a longer one is stored or refused',
    needs: ['everyKey'],
    async run({ driver }) {
      for (const segment of ['s'.repeat(255), 'é'.repeat(127)]) {
        await put(driver, `long/${segment}`, 'long')
        assertBytes(await get(driver, `long/${segment}`), 'long')
      }
      for (const key of [`long/${'s'.repeat(256)}`, `${'s'.repeat(256)}/x`]) {
        const [outcome] = await Promise.allSettled([put(driver, key, 'longer')])
        if (outcome.status === 'fulfilled') assertBytes(await get(driver, key), 'longer')
        else await assertFails(Promise.reject(outcome.reason), 'invalid_key')
        if (outcome.status === 'rejected') assert.equal(await driver.stat(key), null)
      }
    },
  },
  {
    name: 'hostile keys hold nothing and cannot be written',
    async run({ driver }) {
      for (const key of HOSTILE_KEYS) {
        const name = JSON.stringify(key)
        assert.equal(await driver.stat(key), null, `stat of ${name}`)
        assert.equal(await driver.open(key), null, `open of ${name}`)
        const error = await failureOf(put(driver, key, 'x'))
        assert.equal((error as { code?: unknown }).code, 'invalid_key', `write to ${name}`)
        const [outcome] = await Promise.allSettled([driver.delete(key)])
        if (outcome.status === 'fulfilled') assert.equal(outcome.value, false, `delete of ${name}`)
        else await assertFails(Promise.reject(outcome.reason), 'invalid_key')
      }
    },
  },
  {
    name: 'an object and one below its key are both stored, or the second is a key_conflict',
    async run({ driver }) {
      for (const [first, second] of [
        ['upper', 'upper/lower'],
        ['over/under/most', 'over/under'],
        ['top', 'top/middle/bottom'],
      ] as const) {
        await put(driver, first, 'first')
        assert.equal(await driver.stat(second), null)
        assert.equal(await driver.open(second), null)
        assert.equal(await driver.delete(second), false)
        const [outcome] = await Promise.allSettled([put(driver, second, 'second')])
        if (outcome.status === 'fulfilled') assertBytes(await get(driver, second), 'second')
        else await assertFails(Promise.reject(outcome.reason), 'key_conflict')
        assertBytes(await get(driver, first), 'first')
      }
    },
  },
  {
    name: 'a key is free for an object again when all below it are deleted',
    async run({ driver }) {
      await put(driver, 'tree/branch/leaf', 'leaf')
      await put(driver, 'tree/twig', 'twig')
      await driver.delete('tree/branch/leaf')
      await driver.delete('tree/twig')
      await put(driver, 'tree', 'felled')
      assertBytes(await get(driver, 'tree'), 'felled')
      assert.equal((await stat(driver, 'tree')).size, 6)
    },
  },
]
