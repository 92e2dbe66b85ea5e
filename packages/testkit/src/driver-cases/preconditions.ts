import assert from 'node:assert/strict'
import type { DriverCase, DriverNeed } from '../driver-case.js'
import {
  assertBytes,
  assertFails,
  assertNothingLeft,
  CREATE_ONLY,
  get,
  PRIVATE,
  put,
  replacing,
  slowBody,
  stat,
} from './objects.js'

const needs: readonly DriverNeed[] = ['conditionalWrites']
const needsStrong: readonly DriverNeed[] = [...needs, 'strongEtags']
const RACERS = 16

export const preconditionCases: readonly DriverCase[] = [
  {
    name: 'create-only creates, and leaves what is there',
    needs,
    async run(context) {
      const { driver } = context
      const first = await put(driver, 'once/only', 'first', CREATE_ONLY)
      assert.equal(first.created, true)
      await assertFails(put(driver, 'once/only', 'second', CREATE_ONLY), 'exists')
      assertBytes(await get(driver, 'once/only'), 'first')
      assert.deepEqual(await driver.stat('once/only'), first.stat)
      await assertNothingLeft(context)
    },
  },
  {
    name: 'create-only holds at the end of a slow upload, not only at its start',
    needs,
    async run(context) {
      const upload = slowBody('slow', ' end')
      const writing = context.driver.write('contested', upload.body, CREATE_ONLY)
      await upload.started
      await put(context.driver, 'contested', 'fast', CREATE_ONLY)
      upload.go()
      await assertFails(writing, 'exists')
      assertBytes(await get(context.driver, 'contested'), 'fast')
      await assertNothingLeft(context)
    },
  },
  {
    name: `of ${RACERS} racing creates exactly one wins`,
    needs,
    async run(context) {
      for (const key of ['race', 'race-in/a/new/folder']) {
        const racers = Array.from({ length: RACERS }, (_, at) =>
          put(context.driver, key, `racer ${at}`, CREATE_ONLY),
        )
        const winner = await onlyWinner(racers, 'exists')
        assertBytes(await get(context.driver, key), `racer ${winner}`)
      }
      await assertNothingLeft(context)
    },
  },
  {
    name: 'a match replaces the version that it names, or one of several',
    needs: needsStrong,
    async run({ driver }) {
      const first = await put(driver, 'matched', '1')
      const second = await put(driver, 'matched', '2', replacing(first.stat.etag))
      assert.equal(second.created, false)
      const third = await put(driver, 'matched', '3', replacing('"other"', second.stat.etag, '"another"'))
      assertBytes(await get(driver, 'matched'), '3')
      assert.deepEqual(await driver.stat('matched'), third.stat)
    },
  },
  {
    name: 'a match with another version, a weak ETag or none fails and leaves the object',
    needs,
    async run(context) {
      const { driver } = context
      const first = await put(driver, 'guarded', 'one')
      const second = await put(driver, 'guarded', 'two')
      const opaque = second.stat.etag.replace(/^W\//, '')
      for (const etags of [[first.stat.etag], ['"other"'], [`W/${opaque}`], ['*'], []]) {
        await assertFails(put(driver, 'guarded', 'three', replacing(...etags)), 'precondition_failed')
      }
      assertBytes(await get(driver, 'guarded'), 'two')
      assert.deepEqual(await driver.stat('guarded'), second.stat)
      await assertNothingLeft(context)
    },
  },
  {
    name: 'a match fails where there is no object, and makes none',
    needs,
    async run(context) {
      await assertFails(put(context.driver, 'nothing/here', 'x', replacing('"any"')), 'precondition_failed')
      assert.equal(await context.driver.stat('nothing/here'), null)
      await assertNothingLeft(context)
    },
  },
  {
    name: 'a match holds at the end of a slow upload: replaced in the meantime, it fails',
    needs,
    async run(context) {
      const { driver } = context
      const first = await put(driver, 'overtaken', 'one')
      const upload = slowBody('slow', ' end')
      const writing = driver.write('overtaken', upload.body, replacing(first.stat.etag))
      await upload.started
      await put(driver, 'overtaken', 'two')
      upload.go()
      await assertFails(writing, 'precondition_failed')
      assertBytes(await get(driver, 'overtaken'), 'two')
      await assertNothingLeft(context)
    },
  },
  {
    name: 'a match fails when the object is deleted during the upload',
    needs,
    async run({ driver }) {
      const first = await put(driver, 'vanished', 'one')
      const upload = slowBody('slow', ' end')
      const writing = driver.write('vanished', upload.body, replacing(first.stat.etag))
      await upload.started
      await driver.delete('vanished')
      upload.go()
      await assertFails(writing, 'precondition_failed')
      assert.equal(await driver.stat('vanished'), null)
    },
  },
  {
    name: `of ${RACERS} racing replacements of one version exactly one wins`,
    needs: needsStrong,
    async run(context) {
      const { driver } = context
      let { etag } = (await put(driver, 'update', 'start')).stat
      for (let round = 0; round < 5; round++) {
        const racers = Array.from({ length: RACERS }, (_, at) =>
          put(driver, 'update', `${round} ${at}`, replacing(etag)),
        )
        const winner = await onlyWinner(racers, 'precondition_failed')
        assertBytes(await get(driver, 'update'), `${round} ${winner}`)
        etag = (await stat(driver, 'update')).etag
      }
      await assertNothingLeft(context)
    },
  },
  {
    name: 'a delete with a match removes only the version that it names',
    needs: needsStrong,
    async run({ driver }) {
      const first = await put(driver, 'dated', 'one')
      const second = await put(driver, 'dated', 'two')
      const stale = { type: 'match', etags: [first.stat.etag] } as const
      await assertFails(driver.delete('dated', stale), 'precondition_failed')
      assertBytes(await get(driver, 'dated'), 'two')
      assert.equal(await driver.delete('dated', { type: 'match', etags: [second.stat.etag] }), true)
      assert.equal(await driver.stat('dated'), null)
      await assertFails(driver.delete('dated', stale), 'precondition_failed')
    },
  },
  {
    name: 'a delete on condition that the key is free never removes and never fails as `exists`',
    needs,
    async run({ driver }) {
      assert.equal(await driver.delete('free', { type: 'absent' }), false)
      await put(driver, 'free', 'x')
      await assertFails(driver.delete('free', { type: 'absent' }), 'precondition_failed')
      assertBytes(await get(driver, 'free'), 'x')
    },
  },
  {
    name: `of ${RACERS} racing deletes of one version exactly one removes`,
    needs: ['conditionalWrites', 'exactRemovals'],
    async run(context) {
      await put(context.driver, 'doomed/object', 'x', PRIVATE)
      const racers = Array.from({ length: RACERS }, () => context.driver.delete('doomed/object'))
      const removed = (await Promise.all(racers)).filter((did) => did)
      assert.equal(removed.length, 1)
      await assertNothingLeft(context)
    },
  },
]

/** Which of the racers won; every other one must have failed with `code`. */
async function onlyWinner(
  racers: Promise<unknown>[],
  code: 'exists' | 'precondition_failed',
): Promise<number> {
  const outcomes = await Promise.allSettled(racers)
  const winners = outcomes.flatMap((outcome, at) => (outcome.status === 'fulfilled' ? [at] : []))
  assert.equal(winners.length, 1, `one winner, not ${winners.length}`)
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') await assertFails(Promise.reject(outcome.reason), code)
  }
  return winners[0] ?? -1
}
