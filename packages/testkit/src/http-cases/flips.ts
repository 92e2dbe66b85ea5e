import assert from 'node:assert/strict'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import type { ClientFields } from '../http-client.js'
import { below, get, head, readUrl, request } from './exchange.js'
import { assertHeadOf, assertPart, assertProblem, assertSameReply, assertWhole } from './expect.js'
import { altered } from './faulty-storage.js'

const KEY = 'notes/a.txt'
const TEXT = 'some text'

function caseWith(name: string, run: HttpCase['run'], more: Omit<HttpCase, 'name' | 'run'> = {}): HttpCase {
  return { name, needs: ['metadata', 'setVisibility'], run, ...more }
}

/** `Latchkey.setVisibility`, seen by the next request. */
export const flipCases: readonly HttpCase[] = [
  caseWith('an object made public is served without a token, and made private no more', async (context) => {
    const { stat } = await context.put(KEY, TEXT)
    const url = below(context, `/${KEY}`)
    await assertClosed(context, stat.etag)
    for (let turn = 0; turn < 3; turn++) {
      assert.deepEqual(await context.files.setVisibility(KEY, 'public'), { visibility: 'public' })
      const whole = await get(context, url)
      assertWhole(whole, TEXT)
      assert.equal(whole.headers['cache-control'], 'public, max-age=31536000, immutable')
      assert.equal(whole.headers['cross-origin-resource-policy'], 'cross-origin')
      assertHeadOf(await head(context, url), whole)
      const same = await get(context, url, { 'if-none-match': whole.headers.etag ?? '' })
      assert.equal(same.status, 304)
      assert.equal(same.headers['cache-control'], 'public, max-age=31536000, immutable')
      if (context.driver.capabilities.ranges) {
        assertPart(await get(context, url, { range: 'bytes=5-8' }), Buffer.from(TEXT), 5, 8)
      }
      assert.deepEqual(await context.files.setVisibility(KEY, 'private'), { visibility: 'private' })
      await assertClosed(context, whole.headers.etag ?? '')
    }
  }),
  caseWith('an object made public is kept as long as its stored cache age says', async (context) => {
    await context.put(KEY, TEXT, { cacheControlMaxAge: 60 })
    await context.files.setVisibility(KEY, 'public')
    const { headers } = await get(context, below(context, `/${KEY}`))
    assert.equal(headers['cache-control'], 'public, max-age=60')
  }),
  caseWith('a flip done again answers the same and changes nothing', async (context) => {
    await context.put(KEY, TEXT)
    const url = below(context, `/${KEY}`)
    for (const visibility of ['public', 'private'] as const) {
      await context.files.setVisibility(KEY, visibility)
      const first = await get(context, url)
      assert.deepEqual(await context.files.setVisibility(KEY, visibility), { visibility })
      assertSameReply(await get(context, url), first)
    }
  }),
  caseWith(
    'a token opens what it is for whatever the visibility, and its replies stay private',
    async (context) => {
      await context.put(KEY, TEXT)
      const url = await readUrl(context, KEY)
      for (const visibility of ['public', 'private'] as const) {
        await context.files.setVisibility(KEY, visibility)
        const reply = await get(context, url)
        assertWhole(reply, TEXT)
        assert.match(reply.headers['cache-control'] ?? '', /^private/)
      }
    },
  ),
  caseWith('a flip is seen by every server over the same storage', async (context) => {
    await context.put(KEY, TEXT)
    const other = await context.serve({ keys: [{ id: 'k2', secret: 'the secret of another process, say' }] })
    await context.files.setVisibility(KEY, 'public')
    assertWhole(await get(other, below(other, `/${KEY}`)), TEXT)
    await other.files.setVisibility(KEY, 'private')
    await assertClosed(context, '"x"')
  }),
  caseWith('a flip of what is absent, of no key, or to what is no visibility is refused', async (context) => {
    await context.put(KEY, TEXT)
    const { files } = context
    for (const visibility of ['public', 'private'] as const) {
      await assert.rejects(files.setVisibility('absent', visibility), { code: 'not_found' })
      await assert.rejects(files.setVisibility('../a', visibility), { code: 'invalid_key' })
    }
    for (const visibility of ['', 'PUBLIC', undefined, null, true]) {
      // @ts-expect-error what JavaScript may pass
      await assert.rejects(files.setVisibility(KEY, visibility), { code: 'invalid_option' })
    }
    await assertClosed(context, '"x"')
  }),
  caseWith('a storage that cannot flip says so', async (context) => {
    await context.put(KEY, TEXT)
    const { capabilities } = context.driver
    const { setVisibility, ...unable } = altered(context.driver, {})
    assert.ok(setVisibility)
    const without = [unable, altered(context.driver, { capabilities: { ...capabilities, metadata: false } })]
    for (const storage of without) {
      const { files } = await context.serve({ storage })
      await assert.rejects(files.setVisibility(KEY, 'public'), { code: 'invalid_option' })
    }
    await assertClosed(context, '"x"')
  }),
  ...(['made private', 'removed', 'replaced by a private one'] as const).map((change) =>
    caseWith(`an object that is ${change} while a stranger asks for it is refused`, async (context) => {
      let changes = 0
      const storage = altered(context.driver, {
        // Between the look at its visibility and its opening.
        async open(key) {
          changes++
          if (change === 'made private') await context.driver.setVisibility?.(key, 'private')
          else if (change === 'removed') await context.driver.delete(key)
          else await context.put(key, 'other')
          return context.driver.open(key)
        },
      })
      const served = await context.serve({ storage })
      await context.put(KEY, TEXT, { visibility: 'public' })
      assertProblem(await get(served, below(served, `/${KEY}`)), 403, 'token_required')
      assert.equal(changes, 1)
    }),
  ),
]

/** Asserts that a stranger gets nothing, whatever is asked; and the same as for what is not there. */
async function assertClosed(context: HttpCaseContext, etag: string): Promise<void> {
  const url = below(context, `/${KEY}`)
  const probes: ClientFields[] = [
    {},
    { 'if-none-match': etag },
    { 'if-none-match': '*' },
    { 'if-modified-since': new Date(context.clock.now()).toUTCString() },
    { 'if-match': '"x"' },
    { range: 'bytes=0-1' },
    { range: 'bytes=999-' },
  ]
  for (const headers of probes) {
    const reply = await get(context, url, headers)
    assertProblem(reply, 403, 'token_required')
    assertSameReply(reply, await get(context, below(context, '/notes/absent.txt'), headers))
    const headed = await request(context, url, { method: 'HEAD', headers })
    assert.equal(headed.status, 403)
    assert.equal(headed.headers['cache-control'], 'no-store')
    assert.equal(headed.headers.etag, undefined)
  }
}
