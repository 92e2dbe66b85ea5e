import assert from 'node:assert/strict'
import { LatchkeyError, type StorageDriver } from '@latchkey/core'
import type { HttpCase } from '../http-case.js'
import {
  chunksOf,
  get,
  patternBytes,
  put,
  readUrl,
  requestHead,
  targetOf,
  uploadUrl,
} from '../http-cases/exchange.js'
import { assertAbsent, assertProblem, assertStored, snapshot } from '../http-cases/expect.js'
import { altered } from '../http-cases/faulty-storage.js'
import { RawConnection } from '../http-cases/raw-connection.js'
import { appCase, assertDiscreet, bothWays, refuseUpload } from './accepting-app.js'

const TEXT = 'some text'

/** Uploads that the app does not accept. */
export const takingBackCases: readonly HttpCase[] = [
  ...bothWays('a new object that the app refuses is removed again', async (context, app, upload) => {
    app.accept = refuseUpload
    const reply = await upload(context, 'a.txt', TEXT)
    assertProblem(reply, 500, 'completion_failed')
    assertDiscreet(reply)
    await assertAbsent(context, 'a.txt')
    assert.equal(app.told.length, 1)
    const [fault] = app.faults
    assert.ok(fault instanceof LatchkeyError && fault.code === 'completion_failed')
    assert.match(String(fault.cause), /quota exceeded/)
    app.accept = () => {}
    assert.equal((await upload(context, 'a.txt', TEXT)).status, 201)
  }),
  ...bothWays(
    'an object that was replaced is put back with all that belongs to it',
    async (context, app, upload) => {
      const old = { contentType: 'text/x-old', visibility: 'public', cacheControlMaxAge: 123 } as const
      const bytes = patternBytes(200_000)
      await context.put('a.txt', bytes, old)
      app.accept = async () => refuseUpload()
      const reply = await upload(context, 'a.txt', TEXT, { allowOverwrite: true })
      assertProblem(reply, 500, 'completion_failed')
      assertDiscreet(reply)
      const { contentType, visibility, cacheControlMaxAge } = await assertStored(context, 'a.txt', bytes)
      assert.deepEqual({ contentType, visibility, cacheControlMaxAge }, old)
      app.accept = () => {}
      assert.equal((await upload(context, 'a.txt', TEXT, { allowOverwrite: true })).status, 200)
    },
  ),
  ...bothWays(
    'an object that comes while the app decides is not touched by taking back',
    async (context, app, upload) => {
      for (const before of [undefined, 'old']) {
        if (before !== undefined) await context.put('a.txt', before)
        app.accept = async () => {
          await context.put('a.txt', 'theirs', { contentType: 'text/x-theirs' })
          refuseUpload()
        }
        assertProblem(
          await upload(context, 'a.txt', TEXT, { allowOverwrite: true }),
          500,
          'completion_failed',
        )
        const { contentType } = await assertStored(context, 'a.txt', 'theirs')
        assert.equal(contentType, 'text/x-theirs')
        await context.driver.delete('a.txt')
      }
    },
  ),
  ...bothWays(
    'an object that is removed while the app decides stays removed',
    async (context, app, upload) => {
      await context.put('a.txt', 'old')
      app.accept = async () => {
        await context.driver.delete('a.txt')
        refuseUpload()
      }
      assertProblem(await upload(context, 'a.txt', TEXT, { allowOverwrite: true }), 500, 'completion_failed')
      await assertAbsent(context, 'a.txt')
    },
  ),
  ...bothWays(
    'an object that was made public or private since is put back as that',
    async (context, app, upload) => {
      for (const [before, after] of [
        ['public', 'private'],
        ['private', 'public'],
      ] as const) {
        for (const uploaded of ['public', 'private'] as const) {
          await context.put('a.txt', 'old', { visibility: before })
          app.accept = async () => {
            // What is flipped is the upload, or was so already.
            await context.files.setVisibility('a.txt', uploaded === after ? before : after)
            refuseUpload()
          }
          const options = { allowOverwrite: true, visibility: uploaded } as const
          assertProblem(await upload(context, 'a.txt', TEXT, options), 500, 'completion_failed')
          const { visibility } = await assertStored(context, 'a.txt', 'old')
          assert.equal(visibility, uploaded === after ? before : after)
        }
      }
    },
  ),
  appCase(
    'an object that was made private while the upload came in is put back as private',
    async (context, app) => {
      app.accept = refuseUpload
      await context.put('a.txt', 'old', { visibility: 'public' })
      let flipped = false
      const write: StorageDriver['write'] = (key, body, options) => {
        async function* slowly(): AsyncGenerator<Uint8Array> {
          await context.files.setVisibility(key, 'private')
          flipped = true
          yield* body
        }
        return context.driver.write(key, flipped ? body : slowly(), options)
      }
      const served = await context.serve({ storage: altered(context.driver, { write }) })
      const url = await uploadUrl(served, 'a.txt', { allowOverwrite: true })
      assertProblem(await put(served, url, TEXT), 500, 'completion_failed')
      assert.ok(flipped)
      const { visibility } = await assertStored(context, 'a.txt', 'old')
      assert.equal(visibility, 'private')
    },
  ),
  ...bothWays('whatever the app throws, the answer is the same', async (context, app, upload) => {
    const thrown: unknown[] = [
      new LatchkeyError('exists', 'theirs'),
      'text',
      undefined,
      null,
      { status: 200 },
    ]
    for (const value of thrown) {
      app.accept = () => {
        throw value
      }
      assertProblem(await upload(context, 'a.txt', TEXT), 500, 'completion_failed')
      await assertAbsent(context, 'a.txt')
    }
    assert.equal(app.faults.length, thrown.length)
  }),
  appCase(
    'an upload that would replace what came after it began fails, and what came stays',
    async (context, app) => {
      await context.put('a.txt', 'at the beginning')
      app.accept = refuseUpload
      const url = await uploadUrl(context, 'a.txt', { allowOverwrite: true })
      const connection = await RawConnection.open(context.origin)
      await connection.write(
        `${requestHead('PUT', targetOf(url), ['Content-Length: 9', 'Expect: 100-continue'])}`,
      )
      assert.equal((await connection.reply('PUT')).status, 100)
      await connection.write('some ')
      await context.put('a.txt', 'meanwhile')
      await connection.write('text')
      assertProblem(await connection.reply('PUT'), 412, 'precondition_failed')
      connection.destroy()
      await assertStored(context, 'a.txt', 'meanwhile')
      assert.equal(app.told.length, 0)
    },
  ),
  appCase('an object that went before the upload came in is not brought back', async (context, app) => {
    await context.put('a.txt', 'old')
    app.accept = refuseUpload
    async function* body(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('some ')
      await context.driver.delete('a.txt')
      yield Buffer.from('text')
    }
    const url = await uploadUrl(context, 'a.txt', { allowOverwrite: true })
    // Whether it went before or after the upload took hold of it: it stays away.
    assert.ok([412, 500].includes((await put(context, url, body())).status))
    await assertAbsent(context, 'a.txt')
  }),
  appCase(
    'an object that went just before the upload was published is not brought back',
    async (context, app) => {
      await context.put('a.txt', 'old')
      const open: StorageDriver['open'] = async (key) => {
        const object = await context.driver.open(key)
        await context.driver.delete(key)
        return object
      }
      const served = await context.serve({ storage: altered(context.driver, { open }) })
      app.accept = refuseUpload
      const url = await uploadUrl(served, 'a.txt', { allowOverwrite: true })
      assertProblem(await put(served, url, TEXT), 412, 'precondition_failed')
      assert.equal(app.told.length, 0)
      await assertAbsent(context, 'a.txt')
    },
  ),
  appCase('taking back never takes another upload along that was accepted', async (context, app) => {
    app.accept = ({ payload }) => {
      if (payload === 'bad') refuseUpload()
    }
    for (let round = 0; round < 20; round++) {
      const key = `race-${round}.txt`
      if (round % 2 === 0) await context.put(key, 'old')
      const upload = async (payload: string) =>
        put(context, await uploadUrl(context, key, { allowOverwrite: true, payload }), payload)
      const [good, bad] = await Promise.all([upload('good'), upload('bad')])
      assert.ok(bad.status >= 400, `the refused upload was answered ${bad.status}`)
      if (good.status < 300) await assertStored(context, key, 'good')
      else if (round % 2 === 0) await assertStored(context, key, 'old')
      else await assertAbsent(context, key)
    }
  }),
  appCase(
    'where the storage fails to take back, the app learns both faults and the client neither',
    async (context, app) => {
      const down = async () => {
        throw new LatchkeyError('storage_unavailable', 'the disk of db.internal is gone')
      }
      const broken = await context.serve({ storage: altered(context.driver, { delete: down }) })
      app.accept = refuseUpload
      const reply = await put(broken, await uploadUrl(broken, 'a.txt'), chunksOf(Buffer.from(TEXT)))
      assertProblem(reply, 500, 'completion_failed')
      assertDiscreet(reply)
      const [fault] = app.faults
      assert.ok(fault instanceof LatchkeyError && fault.cause instanceof AggregateError)
      assert.equal(fault.cause.errors.length, 2)
      assert.ok(await snapshot(context, 'a.txt'))
    },
  ),
  appCase(
    'while an upload is refused, readers see the old object, the upload, and the old object again',
    async (context, app) => {
      await context.put('a.txt', 'old')
      const url = await readUrl(context, 'a.txt')
      const seen: string[] = []
      const look = async (): Promise<void> => {
        seen.push((await get(context, url)).body.toString())
      }
      app.accept = async () => {
        await look()
        refuseUpload()
      }
      await look()
      const upload = await uploadUrl(context, 'a.txt', { allowOverwrite: true })
      assertProblem(await put(context, upload, TEXT), 500, 'completion_failed')
      await look()
      assert.deepEqual(seen, ['old', TEXT, 'old'])
    },
  ),
]
