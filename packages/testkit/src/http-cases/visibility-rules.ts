import assert from 'node:assert/strict'
import type { LatchkeyOptions, ObjectStat } from '@latchkey/core'
import type { HttpCase } from '../http-case.js'
import { below, get, head, put, readUrl, remove } from './exchange.js'
import {
  assertHeadOf,
  assertNotStored,
  assertProblem,
  assertSameReply,
  assertStored,
  assertWhole,
} from './expect.js'
import { altered } from './faulty-storage.js'

type Rule = Exclude<LatchkeyOptions['visibility'], 'private' | undefined>

const TEXT = 'some text'

/** The option `visibility`: what the app says of its objects, whatever the storage does. */
export const visibilityRuleCases: readonly HttpCase[] = [
  {
    name: 'a visibility function decides over what is stored, and from one request to the next',
    needs: ['everyKey'],
    async run(context) {
      const opened = new Set<string>()
      const asked: [string, ObjectStat][] = []
      const visibility: Rule = async (key, stat) => {
        asked.push([key, stat])
        return opened.has(key) ? 'public' : 'private'
      }
      const served = await context.serve({ visibility })
      const key = 'odd names/ä+%.txt'
      const { stat } = await context.put(key, TEXT)
      const url = below(served, '/odd%20names/%C3%A4+%25.txt')
      assertProblem(await get(served, url), 403, 'token_required')
      assert.deepEqual(asked, [[key, stat]])
      opened.add(key)
      const reply = await get(served, url)
      assertWhole(reply, TEXT)
      assert.equal(reply.headers['cache-control'], 'public, max-age=31536000, immutable')
      assertHeadOf(await head(served, url), reply)
      assert.equal((await get(served, url, { 'if-none-match': stat.etag })).status, 304)
      opened.delete(key)
      assertProblem(await get(served, url, { 'if-none-match': stat.etag }), 403, 'token_required')
    },
  },
  {
    name: 'a visibility function closes what is stored as public',
    needs: ['metadata'],
    async run(context) {
      const served = await context.serve({ visibility: () => 'private' })
      await context.put('a.txt', TEXT, { visibility: 'public' })
      assertProblem(await get(served, below(served, '/a.txt')), 403, 'token_required')
      assertWhole(await get(context, below(context, '/a.txt')), TEXT)
    },
  },
  {
    name: 'a visibility function makes objects public in a storage without metadata',
    storage: (driver) => altered(driver, { capabilities: { ...driver.capabilities, metadata: false } }),
    options: { visibility: (key) => (key.startsWith('open/') ? 'public' : 'private') },
    async run(context) {
      await context.put('open/a.txt', TEXT)
      await context.put('shut/a.txt', TEXT)
      assertWhole(await get(context, below(context, '/open/a.txt')), TEXT)
      assertProblem(await get(context, below(context, '/shut/a.txt')), 403, 'token_required')
      assertProblem(await get(context, below(context, '/open/absent.txt')), 403, 'token_required')
    },
  },
  {
    name: 'what a visibility function throws goes to the app, and the object stays closed',
    async run(context) {
      const faults: unknown[] = []
      const thrown: unknown = new Error('no route to db.internal')
      const onError: LatchkeyOptions['onError'] = (error, { method, path }) => {
        faults.push([error, method, path])
      }
      const rules: Rule[] = [
        () => {
          throw thrown
        },
        async () => Promise.reject(thrown),
      ]
      await context.put('a.txt', TEXT)
      for (const visibility of rules) {
        const served = await context.serve({ visibility, onError })
        const reply = await get(served, below(served, '/a.txt?x=secret'))
        assertProblem(reply, 403, 'token_required')
        assertSameReply(reply, await get(served, below(served, '/absent.txt')))
        assert.equal((await head(served, below(served, '/a.txt'))).status, 403)
        assert.deepEqual(faults.splice(0), [
          [thrown, 'GET', '/a.txt'],
          [thrown, 'HEAD', '/a.txt'],
        ])
      }
    },
  },
  {
    name: 'whatever but public a visibility function says is private',
    async run(context) {
      await context.put('a.txt', TEXT)
      for (const said of [
        'Public',
        'PRIVATE',
        '',
        true,
        1,
        null,
        undefined,
        ['public'],
        { visibility: 'public' },
      ]) {
        // @ts-expect-error what JavaScript may return
        const visibility: Rule = () => said
        const served = await context.serve({ visibility })
        assertProblem(await get(served, below(served, '/a.txt')), 403, 'token_required')
      }
    },
  },
  {
    name: 'a visibility function is asked of objects that are there alone, and of no request with a token',
    async run(context) {
      let asked = 0
      const visibility: Rule = () => {
        asked++
        return 'public'
      }
      const served = await context.serve({ visibility })
      await context.put('a.txt', TEXT)
      assertProblem(await get(served, below(served, '/absent.txt')), 403, 'token_required')
      const reply = await get(served, await readUrl(served, 'a.txt'))
      assertWhole(reply, TEXT)
      assert.match(reply.headers['cache-control'] ?? '', /^private/)
      assertProblem(await get(served, below(served, '/a.txt?token=junk')), 403, 'invalid_signature')
      assertProblem(await put(served, below(served, '/a.txt'), 'new'), 403, 'token_required')
      assertProblem(await remove(served, below(served, '/a.txt')), 403, 'token_required')
      assert.equal(asked, 0)
      await assertStored(served, 'a.txt', TEXT)
    },
  },
  {
    name: 'an object that is replaced while a stranger asks for it is looked at again',
    async run(context) {
      const visibility: Rule = (_key, { size }) => (size === TEXT.length ? 'public' : 'private')
      const storage = altered(context.driver, {
        async open(key) {
          await context.put(key, 'something longer')
          return context.driver.open(key)
        },
      })
      const served = await context.serve({ storage, visibility })
      await context.put('a.txt', TEXT)
      assertProblem(await get(served, below(served, '/a.txt')), 403, 'token_required')
    },
  },
  {
    name: 'a mount without public objects never asks its storage for a stranger',
    needs: ['metadata'],
    async run(context) {
      await context.put('a.txt', TEXT, { visibility: 'public' })
      const asked: string[] = []
      const storage = altered(context.driver, {
        stat(key) {
          asked.push(key)
          return context.driver.stat(key)
        },
        open(key) {
          asked.push(key)
          return context.driver.open(key)
        },
      })
      const served = await context.serve({ storage, visibility: 'private' })
      const reply = await get(served, below(served, '/a.txt'))
      assertProblem(reply, 403, 'token_required')
      assertSameReply(reply, await get(served, below(served, '/absent.txt')))
      assertNotStored(await head(served, below(served, '/a.txt')))
      assert.deepEqual(asked, [])
      assertWhole(await get(served, await readUrl(served, 'a.txt')), TEXT)
    },
  },
  {
    name: 'a mount without public objects takes no public uploads',
    needs: ['metadata'],
    async run(context) {
      const served = await context.serve({ visibility: 'private' })
      const minted = served.files.signedUploadUrl('a.txt', { visibility: 'public' })
      await assert.rejects(minted, { code: 'invalid_option' })
      const { url } = await context.files.signedUploadUrl('a.txt', { visibility: 'public' })
      assert.ok((await put(served, url, TEXT)).status >= 400)
      assert.equal(await context.driver.stat('a.txt'), null)
    },
  },
  {
    name: 'visibility cannot be set where the option decides it',
    needs: ['metadata', 'setVisibility'],
    async run(context) {
      await context.put('a.txt', TEXT)
      const rule: Rule = () => 'private'
      for (const visibility of ['private', rule] as const) {
        const { files } = await context.serve({ visibility })
        for (const flip of ['public', 'private'] as const) {
          await assert.rejects(files.setVisibility('a.txt', flip), { code: 'invalid_option' })
        }
      }
      assert.equal((await context.driver.stat('a.txt'))?.visibility, 'private')
    },
  },
]
