import assert from 'node:assert/strict'
import type { DriverCase } from '../driver-case.js'
import {
  assertBytes,
  assertFails,
  assertNothingLeft,
  bytesOf,
  collect,
  get,
  open,
  PRIVATE,
  put,
  slowBody,
  stat,
} from './objects.js'

export const versionCases: readonly DriverCase[] = [
  {
    name: 'a write replaces, and says so',
    async run({ driver }) {
      assert.equal((await put(driver, 'twice', 'first, and longer')).created, true)
      assert.equal((await put(driver, 'twice', 'second')).created, false)
      assertBytes(await get(driver, 'twice'), 'second')
    },
  },
  {
    name: 'the ETag changes with every version, also with the same content',
    needs: ['versionEtags'],
    async run({ driver }) {
      const first = await put(driver, 'same', 'content')
      const second = await put(driver, 'same', 'content')
      assert.notEqual(second.stat.etag, first.stat.etag)
      assert.equal((await stat(driver, 'same')).etag, second.stat.etag)
      assert.equal((await stat(driver, 'same')).etag, second.stat.etag, 'and stays while nothing is written')
    },
  },
  {
    name: 'a hundred rapid rewrites of one size have a hundred ETags, each read back with its own bytes',
    needs: ['strongEtags'],
    async run({ driver }) {
      const etags = new Set<string>()
      for (let turn = 0; turn < 100; turn++) {
        const content = `version ${String(turn).padStart(3, '0')}`
        const written = await put(driver, 'rapid', content)
        const object = await open(driver, 'rapid')
        assert.equal(object.stat.etag, written.stat.etag)
        assertBytes(await collect(await object.read()), content)
        etags.add(written.stat.etag)
      }
      assert.equal(etags.size, 100)
    },
  },
  {
    name: 'an object that was deleted and made anew has a new ETag, however fast',
    needs: ['versionEtags'],
    async run({ driver }) {
      const etags = new Set<string>()
      for (let turn = 0; turn < 50; turn++) {
        etags.add((await put(driver, 'phoenix', 'ash')).stat.etag)
        etags.add((await stat(driver, 'phoenix')).etag)
        assert.equal(await driver.delete('phoenix'), true)
        assert.equal(await driver.stat('phoenix'), null)
      }
      assert.equal(etags.size, 50)
    },
  },
  {
    name: 'an open object stays the version that it was when the key is replaced',
    needs: ['heldVersions'],
    async run({ driver }) {
      for (const size of [500, 900_000]) {
        const old = bytesOf(size, 1)
        const { stat } = await put(driver, 'held', old)
        const object = await open(driver, 'held')
        await put(driver, 'held', bytesOf(size, 2))
        assert.deepEqual(object.stat, stat)
        assertBytes(await collect(await object.read()), old)
        assertBytes(await get(driver, 'held'), bytesOf(size, 2))
      }
    },
  },
  {
    name: 'an open object stays readable when the key is deleted',
    needs: ['heldVersions'],
    async run({ driver }) {
      for (const size of [500, 900_000]) {
        const old = bytesOf(size, 1)
        await put(driver, 'gone', old)
        const object = await open(driver, 'gone')
        assert.equal(await driver.delete('gone'), true)
        assertBytes(await collect(await object.read()), old)
      }
    },
  },
  {
    name: 'an open object never gives the bytes of another version, whatever becomes of the key',
    async run(context) {
      const { driver } = context
      for (const size of [500, 900_000]) {
        for (const change of ['replace', 'delete', 'make anew'] as const) {
          const old = bytesOf(size, 1)
          await put(driver, 'swapped', old)
          const object = await open(driver, 'swapped')
          if (change !== 'replace') await driver.delete('swapped')
          if (change !== 'delete') await put(driver, 'swapped', bytesOf(size, 2))
          const [outcome] = await Promise.allSettled([(async () => collect(await object.read()))()])
          if (outcome.status === 'fulfilled') assertBytes(outcome.value, old, change)
          else await assertFails(Promise.reject(outcome.reason), 'precondition_failed')
        }
      }
      await assertNothingLeft(context)
    },
  },
  {
    name: 'until an upload is complete, readers see the old object',
    async run({ driver }) {
      const { stat: old } = await put(driver, 'slow', 'old')
      const upload = slowBody(bytesOf(3_000_000), 'end')
      const writing = driver.write('slow', upload.body, PRIVATE)
      await upload.started
      assert.deepEqual(await driver.stat('slow'), old)
      assertBytes(await get(driver, 'slow'), 'old')
      upload.go()
      const { stat: now } = await writing
      assert.equal(now.size, 3_000_003)
      assert.deepEqual(await driver.stat('slow'), now)
    },
  },
  {
    name: 'a delete removes, says whether there was anything, and frees the key',
    async run({ driver }) {
      assert.equal(await driver.delete('folder/brief'), false)
      await put(driver, 'folder/brief', 'x')
      await put(driver, 'folder/other', 'y')
      assert.equal(await driver.delete('folder/brief'), true)
      assert.equal(await driver.stat('folder/brief'), null)
      assert.equal(await driver.open('folder/brief'), null)
      assert.equal(await driver.delete('folder/brief'), false)
      assertBytes(await get(driver, 'folder/other'), 'y')
      assert.equal((await put(driver, 'folder/brief', 'z')).created, true)
    },
  },
]
