import assert from 'node:assert/strict'
import type { ObjectStat, StorageDriver, Visibility, WriteOptions } from '@latchkey/core'
import type { DriverCase } from '../driver-case.js'
import {
  assertBytes,
  assertNothingLeft,
  bytesOf,
  collect,
  get,
  open,
  put,
  readCurrent,
  stat,
} from './objects.js'

const PUBLIC: WriteOptions = { contentType: 'image/png', visibility: 'public', cacheControlMaxAge: 60 }
const PRIVATE: WriteOptions = { contentType: 'text/plain', visibility: 'private', cacheControlMaxAge: 5 }

/** Flipping the visibility of what is stored. */
export const visibilityCases: readonly DriverCase[] = [
  {
    name: 'an object is made private and public again, and is the same but for that',
    needs: ['visibility', 'setVisibility'],
    async run(context) {
      const { driver } = context
      const written = await put(driver, 'a/flipped', 'content', PUBLIC)
      for (const visibility of ['private', 'public', 'private'] as const) {
        assert.equal(await flip(driver, 'a/flipped', visibility), true)
        const now = await stat(driver, 'a/flipped')
        assert.deepEqual(lasting(now), { ...lasting(written.stat), visibility })
        const object = await open(driver, 'a/flipped')
        assert.deepEqual(object.stat, now)
        assertBytes(await collect(await object.read()), 'content')
      }
      await assertNothingLeft(context)
    },
  },
  {
    name: 'a flip to what an object is already changes nothing of it',
    needs: ['visibility', 'setVisibility'],
    async run({ driver }) {
      for (const options of [PUBLIC, PRIVATE]) {
        const { stat: before } = await put(driver, 'same', 'content', options)
        for (let turn = 0; turn < 2; turn++) {
          assert.equal(await flip(driver, 'same', options.visibility), true)
          assert.deepEqual(await stat(driver, 'same'), before)
        }
      }
    },
  },
  {
    name: 'a flip of what is not there is told, and leaves nothing behind',
    needs: ['setVisibility'],
    async run(context) {
      const { driver } = context
      await put(driver, 'folder/there', 'x')
      await put(driver, 'gone', 'x')
      await driver.delete('gone')
      for (const key of ['absent', 'folder', 'folder/there/below', 'folder/other', 'gone']) {
        for (const visibility of ['public', 'private'] as const) {
          assert.equal(await flip(driver, key, visibility), false, key)
        }
        assert.equal(await driver.stat(key), null, key)
      }
      await assertNothingLeft(context)
    },
  },
  {
    name: 'a flip lasts over a restart, and another driver over the same storage sees it at once',
    needs: ['visibility', 'setVisibility', 'reopen'],
    async run({ driver, reopen }) {
      const other = await reopen?.()
      assert.ok(other)
      await put(driver, 'shared', 'content', PRIVATE)
      for (let turn = 0; turn < 10; turn++) {
        const visibility = turn % 2 === 0 ? 'public' : 'private'
        assert.equal(await flip(turn % 3 === 0 ? driver : other, 'shared', visibility), true)
        const third = await reopen?.()
        assert.ok(third)
        for (const each of [driver, other, third]) {
          assert.equal((await stat(each, 'shared')).visibility, visibility)
        }
      }
    },
  },
  {
    name: 'a replacement and an object made anew have their own visibility, not a flipped one',
    needs: ['visibility', 'setVisibility'],
    async run({ driver }) {
      await put(driver, 'a', 'old', PRIVATE)
      await flip(driver, 'a', 'public')
      await put(driver, 'a', 'new', PRIVATE)
      assert.equal((await stat(driver, 'a')).visibility, 'private')
      await flip(driver, 'a', 'public')
      await driver.delete('a')
      await put(driver, 'a', 'new', PRIVATE)
      assert.equal((await stat(driver, 'a')).visibility, 'private')
    },
  },
  {
    name: 'an object that is held open while it is flipped stays readable, as it was',
    needs: ['visibility', 'setVisibility', 'heldVersions'],
    async run({ driver }) {
      for (const size of [500, 900_000]) {
        await put(driver, 'held', bytesOf(size), PUBLIC)
        const object = await open(driver, 'held')
        const before = { ...object.stat }
        await flip(driver, 'held', 'private')
        assert.deepEqual(object.stat, before)
        assertBytes(await collect(await object.read()), bytesOf(size))
      }
    },
  },
  {
    name: 'a flipped object can be replaced and removed under its condition',
    needs: ['visibility', 'setVisibility', 'conditionalWrites', 'strongEtags'],
    async run(context) {
      const { driver } = context
      await put(driver, 'conditional', 'old', PRIVATE)
      await flip(driver, 'conditional', 'public')
      const match = async () =>
        ({ type: 'match', etags: [(await stat(driver, 'conditional')).etag] }) as const
      await put(driver, 'conditional', 'new', { ...PRIVATE, precondition: await match() })
      await flip(driver, 'conditional', 'public')
      assert.equal(await driver.delete('conditional', await match()), true)
      await assertNothingLeft(context)
    },
  },
  {
    name: 'flips and overwrites at once never mix two versions',
    needs: ['metadata', 'contentTypes', 'setVisibility'],
    async run(context) {
      const { driver } = context
      const [small, large] = [bytesOf(300, 1), bytesOf(70_000, 2)]
      const contents = new Map([
        ['image/png', { bytes: small, age: PUBLIC.cacheControlMaxAge }],
        ['text/plain', { bytes: large, age: PRIVATE.cacheControlMaxAge }],
      ])
      const look = async () => {
        const { stat, bytes } = await readCurrent(driver, 'mixed')
        const content = contents.get(stat.contentType ?? '')
        assert.ok(content, stat.contentType)
        assert.equal(stat.cacheControlMaxAge, content.age)
        assertBytes(bytes, content.bytes)
      }
      await put(driver, 'mixed', small, PUBLIC)
      for (let turn = 0; turn < 12; turn++) {
        const visibility = turn % 2 === 0 ? 'public' : 'private'
        await Promise.all([
          turn % 3 === 0 ? put(driver, 'mixed', small, PUBLIC) : put(driver, 'mixed', large, PRIVATE),
          flip(driver, 'mixed', visibility),
          look(),
          flip(driver, 'mixed', visibility),
          look(),
        ])
        assert.equal((await stat(driver, 'mixed')).contentType, turn % 3 === 0 ? 'image/png' : 'text/plain')
        await flip(driver, 'mixed', visibility)
        assert.equal((await stat(driver, 'mixed')).visibility, visibility)
        await look()
      }
      await assertNothingLeft(context)
    },
  },
  {
    name: 'a flip never brings back what is removed at the same time',
    needs: ['setVisibility'],
    async run(context) {
      const { driver } = context
      for (let turn = 0; turn < 20; turn++) {
        await put(driver, 'removed', `${turn}`)
        const [removed] = await Promise.all([
          driver.delete('removed'),
          flip(driver, 'removed', 'public'),
          flip(driver, 'removed', 'private'),
        ])
        assert.equal(removed, true)
        assert.equal(await driver.stat('removed'), null)
        assert.equal(await get(driver, 'removed'), null)
      }
      await assertNothingLeft(context)
    },
  },
]

async function flip(driver: StorageDriver, key: string, visibility: Visibility): Promise<boolean> {
  assert.ok(driver.setVisibility)
  return driver.setVisibility(key, visibility)
}

/** What a flip may never change. */
function lasting({ size, contentType, cacheControlMaxAge, visibility }: ObjectStat): Partial<ObjectStat> {
  return {
    size,
    visibility: visibility ?? 'private',
    ...(contentType === undefined ? {} : { contentType }),
    ...(cacheControlMaxAge === undefined ? {} : { cacheControlMaxAge }),
  }
}
