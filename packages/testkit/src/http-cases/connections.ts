import assert from 'node:assert/strict'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import { below, pause, readUrl, removeUrl, requestHead, targetOf, uploadUrl } from './exchange.js'
import { assertAbsent, assertProblem, assertStored, assertWhole, unchanged } from './expect.js'
import { RawConnection } from './raw-connection.js'

const KEY = 'a.txt'
const VICTIM = 'victim.txt'

/** A request that would remove the victim if it were ever parsed. */
async function smuggled(context: HttpCaseContext): Promise<string> {
  await context.put(VICTIM, 'alive')
  return requestHead('DELETE', targetOf(await removeUrl(context, VICTIM)), [])
}

/** Asserts that the connection gives this one refusal, and nothing after it. */
async function assertOneRefusal(connection: RawConnection, status: number): Promise<void> {
  const reply = await connection.reply('PUT')
  assert.equal(reply.status, status, reply.body.toString())
  assert.equal(reply.headers.connection, 'close')
  const more = await connection.rest()
  assert.ok(more !== undefined, 'the connection stays open')
  assert.equal(more.toString('latin1'), '')
  connection.destroy()
}

/** How refusals and uploads leave the connection that they came on. */
export const connectionCases: readonly HttpCase[] = [
  ...(
    [
      ['without a token', async (context) => below(context, `/${KEY}`), 403],
      ['over its limit', async (context) => uploadUrl(context, KEY, { maxSize: 5 }), 413],
      ['of a wrong type', async (context) => uploadUrl(context, KEY, { allowedTypes: ['image/png'] }), 415],
      ['to no key', async (context) => below(context, '/a//b'), 400],
    ] satisfies readonly (readonly [string, (context: HttpCaseContext) => Promise<string>, number])[]
  ).map(
    ([name, urlOf, status]): HttpCase => ({
      name: `the body of an upload ${name} is never parsed as the next request`,
      async run(context) {
        const body = await smuggled(context)
        const target = targetOf(await urlOf(context))
        await unchanged(context, VICTIM, async () => {
          for (const fields of [
            [`Content-Length: ${body.length}`],
            [`Content-Length: ${body.length + 500}`],
          ]) {
            const connection = await RawConnection.open(context.origin)
            await connection.write(requestHead('PUT', target, [...fields, 'Content-Type: text/plain']))
            await pause(20)
            await connection.write(body)
            await assertOneRefusal(connection, status)
          }
        })
      },
    }),
  ),
  {
    name: 'a request that is pipelined behind a refused upload is not answered as the body of it',
    async run(context) {
      const next = await smuggled(context)
      const connection = await RawConnection.open(context.origin)
      const head = requestHead('PUT', below(context, `/${KEY}`), ['Content-Length: 1000'])
      await connection.write(head + next)
      await assertOneRefusal(connection, 403)
      await assertStored(context, VICTIM, 'alive')
    },
  },
  {
    name: 'the body of a refused POST is never parsed as the next request',
    async run(context) {
      const body = await smuggled(context)
      const connection = await RawConnection.open(context.origin)
      const fields = [`Content-Length: ${body.length + 10}`, 'Content-Type: text/plain']
      await connection.write(requestHead('POST', below(context, `/${KEY}`), fields) + body)
      await assertOneRefusal(connection, 405)
      await assertStored(context, VICTIM, 'alive')
    },
  },
  {
    name: 'a connection can be used again after an upload, a download and a refused read',
    async run(context) {
      const upload = targetOf(await uploadUrl(context, KEY))
      const read = targetOf(await readUrl(context, KEY))
      const connection = await RawConnection.open(context.origin)
      await connection.write(`${requestHead('PUT', upload, ['Content-Length: 5'])}bytes`)
      assert.equal((await connection.reply('PUT')).status, 201)
      await connection.write(requestHead('GET', read, []))
      assertWhole(await connection.reply(), 'bytes')
      await connection.write(requestHead('GET', below(context, `/${KEY}`), []))
      assertProblem(await connection.reply(), 403, 'token_required')
      await connection.write(requestHead('HEAD', read, []))
      assert.equal((await connection.reply('HEAD')).status, 200)
      await connection.write(requestHead('GET', read, ['Range: bytes=1-2']))
      const part = context.driver.capabilities.ranges ? 'yt' : 'bytes'
      assert.equal((await connection.reply()).body.toString(), part)
      connection.destroy()
    },
  },
  {
    name: 'pipelined requests are answered in their order',
    async run(context) {
      await context.put(KEY, 'text')
      const read = targetOf(await readUrl(context, KEY))
      const upload = targetOf(await uploadUrl(context, 'new.txt'))
      const connection = await RawConnection.open(context.origin)
      await connection.write(
        `${requestHead('GET', read, [])}${requestHead('PUT', upload, ['Content-Length: 5'])}bytes${requestHead('GET', read, [])}`,
      )
      assertWhole(await connection.reply(), 'text')
      assert.equal((await connection.reply('PUT')).status, 201)
      assertWhole(await connection.reply(), 'text')
      connection.destroy()
    },
  },
  ...(
    [
      ['without a token', async (context) => below(context, `/${KEY}`), 403],
      ['over its limit', async (context) => uploadUrl(context, KEY, { maxSize: 5 }), 413],
      ['of a wrong type', async (context) => uploadUrl(context, KEY, { allowedTypes: ['image/png'] }), 415],
    ] satisfies readonly (readonly [string, (context: HttpCaseContext) => Promise<string>, number])[]
  ).map(
    ([name, urlOf, status]): HttpCase => ({
      name: `an upload ${name} that waits for 100 Continue is refused without one`,
      async run(context) {
        const target = targetOf(await urlOf(context))
        const connection = await RawConnection.open(context.origin)
        const fields = ['Content-Length: 100000', 'Content-Type: text/plain', 'Expect: 100-continue']
        await connection.write(requestHead('PUT', target, fields))
        await assertOneRefusal(connection, status)
        await assertAbsent(context, KEY)
      },
    }),
  ),
  {
    name: 'an upload that waits for 100 Continue to a key that is taken is refused without one',
    async run(context) {
      await context.put(KEY, 'text')
      const connection = await RawConnection.open(context.origin)
      const fields = ['Content-Length: 100000', 'Expect: 100-continue']
      await connection.write(requestHead('PUT', targetOf(await uploadUrl(context, KEY)), fields))
      await assertOneRefusal(connection, 409)
      await assertStored(context, KEY, 'text')
    },
  },
  {
    name: 'an upload that may be gets its 100 Continue, then its 201',
    async run(context) {
      const target = targetOf(await uploadUrl(context, KEY))
      const connection = await RawConnection.open(context.origin)
      await connection.write(requestHead('PUT', target, ['Content-Length: 5', 'Expect: 100-continue']))
      assert.equal((await connection.reply('PUT')).status, 100)
      await connection.write('bytes')
      assert.equal((await connection.reply('PUT')).status, 201)
      await assertStored(context, KEY, 'bytes')
      connection.destroy()
    },
  },
  {
    name: 'a client that does not wait for its 100 Continue is served all the same',
    async run(context) {
      const target = targetOf(await uploadUrl(context, KEY))
      const connection = await RawConnection.open(context.origin)
      await connection.write(
        `${requestHead('PUT', target, ['Content-Length: 5', 'Expect: 100-continue'])}bytes`,
      )
      const first = await connection.reply('PUT')
      const { status } = first.status === 100 ? await connection.reply('PUT') : first
      assert.equal(status, 201)
      await assertStored(context, KEY, 'bytes')
      connection.destroy()
    },
  },
]
