import assert from 'node:assert/strict'
import type { StorageDriver, WriteOptions } from '@latchkey/core'
import type { DriverCase } from '../driver-case.js'
import { assertBytes, get, open, put, stat } from './objects.js'

const PUBLIC: WriteOptions = { contentType: 'image/png', visibility: 'public', cacheControlMaxAge: 60 }

export const metadataCases: readonly DriverCase[] = [
  {
    name: 'the type is kept as it was given',
    needs: ['contentTypes'],
    async run({ driver }) {
      for (const contentType of ['image/png', 'text/html; charset=utf-8', 'application/x-none; a="b;c"']) {
        await put(driver, 'typed.txt', 'x', { contentType, visibility: 'private' })
        assert.equal((await stat(driver, 'typed.txt')).contentType, contentType)
      }
    },
  },
  {
    name: 'visibility is kept, and private unless told',
    needs: ['visibility'],
    async run({ driver }) {
      await put(driver, 'open.png', 'x', PUBLIC)
      assert.equal((await stat(driver, 'open.png')).visibility, 'public')
      await put(driver, 'shut.png', 'x', { contentType: 'image/png', visibility: 'private' })
      assert.notEqual((await stat(driver, 'shut.png')).visibility, 'public')
    },
  },
  {
    name: 'the cache age is kept, zero included, and absent where none was given',
    needs: ['metadata'],
    async run({ driver }) {
      for (const cacheControlMaxAge of [0, 60, 31_536_000]) {
        await put(driver, 'aged', 'x', { ...PUBLIC, cacheControlMaxAge })
        assert.equal((await stat(driver, 'aged')).cacheControlMaxAge, cacheControlMaxAge)
      }
      await put(driver, 'aged', 'x', { contentType: 'image/png', visibility: 'public' })
      assert.equal((await stat(driver, 'aged')).cacheControlMaxAge, undefined)
    },
  },
  {
    name: 'metadata belong to their version: a replacement has its own alone',
    needs: ['metadata'],
    async run({ driver }) {
      await put(driver, 'changed', 'old', PUBLIC)
      const held = await open(driver, 'changed')
      await put(driver, 'changed', 'new', { contentType: 'text/plain', visibility: 'private' })
      assert.equal(held.stat.visibility, 'public')
      assert.equal(held.stat.contentType, 'image/png')
      await held.close()
      const now = await stat(driver, 'changed')
      assert.equal(now.contentType, 'text/plain')
      assert.notEqual(now.visibility, 'public')
      assert.equal(now.cacheControlMaxAge, undefined)
    },
  },
  {
    name: 'an object made anew inherits nothing from the deleted one',
    needs: ['metadata'],
    async run({ driver }) {
      await put(driver, 'reborn', 'same size', PUBLIC)
      await driver.delete('reborn')
      await put(driver, 'reborn', 'same size', { contentType: 'text/plain', visibility: 'private' })
      const now = await stat(driver, 'reborn')
      assert.equal(now.contentType, 'text/plain')
      assert.notEqual(now.visibility, 'public')
      assert.equal(now.cacheControlMaxAge, undefined)
    },
  },
  {
    name: 'everything survives a restart',
    needs: ['reopen'],
    async run({ driver, reopen }) {
      const options = driver.capabilities.metadata
        ? PUBLIC
        : ({ contentType: 'image/png', visibility: 'private' } as const)
      const written = await put(driver, 'lasting/object', 'content', options)
      const again = await reopen?.()
      assert.ok(again)
      assert.deepEqual(await again.stat('lasting/object'), written.stat)
      assertBytes(await get(again, 'lasting/object'), 'content')
    },
  },
  {
    name: 'two drivers over one storage see each other’s objects at once',
    needs: ['reopen'],
    async run({ driver, reopen }) {
      const other = await reopen?.()
      assert.ok(other)
      for (let turn = 0; turn < 10; turn++) {
        const writer = turn % 2 === 0 ? driver : other
        const reader: StorageDriver = turn % 2 === 0 ? other : driver
        const written = await put(writer, 'shared', `turn ${turn}`)
        assert.deepEqual(await reader.stat('shared'), written.stat)
        assertBytes(await get(reader, 'shared'), `turn ${turn}`)
      }
      await other.delete('shared')
      assert.equal(await driver.stat('shared'), null)
    },
  },
]
