import assert from 'node:assert/strict'
import type { HttpCase } from '../http-case.js'
import type { ClientReply } from '../http-client.js'
import {
  chunksOf,
  get,
  patternBytes,
  pause,
  put,
  readUrl,
  remove,
  removeUrl,
  requestHead,
  targetOf,
  uploadUrl,
} from './exchange.js'
import { assertAbsent, assertProblem, assertStored, unchanged } from './expect.js'
import { RawConnection } from './raw-connection.js'

const KEY = 'a.bin'

function statuses(replies: readonly ClientReply[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const { status } of replies) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

/** Sends the head and a part of an upload. */
async function begin(
  origin: string,
  target: string,
  part: string,
  length: number,
  fields: readonly string[] = [],
): Promise<RawConnection> {
  const connection = await RawConnection.open(origin)
  const announced = [`Content-Length: ${length}`, 'Expect: 100-continue', ...fields]
  await connection.write(requestHead('PUT', target, announced))
  // Asked for the body, the client knows that what can be checked beforehand has been checked.
  assert.equal((await connection.reply('PUT')).status, 100)
  await connection.write(part)
  return connection
}

/** Uploads that meet others, or lose their client. */
export const uploadRaceCases: readonly HttpCase[] = [
  {
    name: 'of 16 uploads that create the same key exactly one succeeds',
    needs: ['conditionalWrites'],
    async run(context) {
      const bodies = Array.from({ length: 16 }, (_, at) => patternBytes(50_000 + at))
      const replies = await Promise.all(
        bodies.map(async (body, at) =>
          put(context, await uploadUrl(context, KEY), at % 2 ? body : chunksOf(body)),
        ),
      )
      assert.deepEqual(statuses(replies), { 201: 1, 409: 15 })
      const winner = bodies[replies.findIndex(({ status }) => status === 201)]
      await assertStored(context, KEY, winner ?? '')
    },
  },
  {
    name: 'of 16 uploads that replace the same version exactly one succeeds',
    needs: ['conditionalWrites', 'strongEtags'],
    async run(context) {
      const { stat } = await context.put(KEY, 'old')
      const bodies = Array.from({ length: 16 }, (_, at) => patternBytes(20_000 + at))
      const replies = await Promise.all(
        bodies.map(async (body) => put(context, await uploadUrl(context, KEY, { ifMatch: stat.etag }), body)),
      )
      assert.deepEqual(statuses(replies), { 200: 1, 412: 15 })
    },
  },
  {
    name: 'of 16 removals of the same object exactly one succeeds',
    needs: ['exactRemovals'],
    async run(context) {
      await context.put(KEY, 'old')
      const url = await removeUrl(context, KEY)
      const replies = await Promise.all(Array.from({ length: 16 }, () => remove(context, url)))
      assert.deepEqual(statuses(replies), { 204: 1, 404: 15 })
    },
  },
  {
    name: 'readers see the old object or the new one, never a mixture',
    async run(context) {
      const objects = [patternBytes(300_000), Buffer.alloc(200_000, 7), Buffer.alloc(400_000, 9)]
      await context.put(KEY, objects[0] ?? '')
      const upload = await uploadUrl(context, KEY, { allowOverwrite: true })
      const read = await readUrl(context, KEY)
      const writes = objects.map((body) => put(context, upload, body))
      const reads = Array.from({ length: 12 }, () => get(context, read))
      for (const { status } of await Promise.all(writes)) assert.equal(status, 200)
      for (const reply of await Promise.all(reads)) {
        assert.equal(reply.status, 200)
        assert.ok(reply.complete && objects.some((object) => object.equals(reply.body)), 'a mixture')
      }
    },
  },
  {
    name: 'a slow upload that may only create finds the key taken at its end: 409',
    needs: ['conditionalWrites'],
    async run(context) {
      const target = targetOf(await uploadUrl(context, KEY))
      const connection = await begin(context.origin, target, 'slow ', 10)
      await context.put(KEY, 'quick')
      await connection.write('bytes')
      assertProblem(await connection.reply('PUT'), 409, 'exists')
      await assertStored(context, KEY, 'quick')
      connection.destroy()
    },
  },
  ...(['token', 'request'] as const).map(
    (source): HttpCase => ({
      name: `a slow upload that replaces one version, by its ${source}, finds another at its end: 412`,
      needs: ['conditionalWrites', 'strongEtags'],
      async run(context) {
        const { stat } = await context.put(KEY, 'old')
        const options = source === 'token' ? { ifMatch: stat.etag } : { allowOverwrite: true }
        const target = targetOf(await uploadUrl(context, KEY, options))
        const fields = source === 'token' ? [] : [`If-Match: ${stat.etag}`]
        const connection = await begin(context.origin, target, 'slow ', 10, fields)
        await context.put(KEY, 'quick')
        await connection.write('bytes')
        assertProblem(await connection.reply('PUT'), 412, 'precondition_failed')
        await assertStored(context, KEY, 'quick')
        connection.destroy()
      },
    }),
  ),
  {
    name: 'while an upload is under way the key is as it was',
    async run(context) {
      const target = targetOf(await uploadUrl(context, KEY))
      const connection = await begin(context.origin, target, 'slow ', 10)
      await assertAbsent(context, KEY)
      assertProblem(await get(context, await readUrl(context, KEY)), 404, 'not_found')
      await connection.write('bytes')
      assert.equal((await connection.reply('PUT')).status, 201)
      connection.destroy()
    },
  },
  ...(['destroy', 'reset'] as const).map(
    (end): HttpCase => ({
      name: `a client that goes away in the middle of an upload leaves the old object (${end})`,
      async run(context) {
        await context.put(KEY, 'old')
        const target = targetOf(await uploadUrl(context, KEY, { allowOverwrite: true }))
        await unchanged(context, KEY, async () => {
          for (const fields of ['Content-Length: 1000000', 'Transfer-Encoding: chunked']) {
            const connection = await RawConnection.open(context.origin)
            await connection.write(requestHead('PUT', target, [fields]))
            await connection.write(`${(200_000).toString(16)}\r\n`)
            await connection.write(patternBytes(200_000))
            await pause(30)
            connection[end]()
          }
          await pause(50)
        })
        assert.equal((await put(context, target, 'new')).status, 200)
      },
    }),
  ),
  {
    name: 'a client that goes away before the body of its upload leaves a free key free',
    async run(context) {
      const target = targetOf(await uploadUrl(context, KEY))
      const connection = await begin(context.origin, target, '', 1000)
      connection.reset()
      await pause(50)
      await assertAbsent(context, KEY)
      assert.equal((await put(context, target, 'new')).status, 201)
    },
  },
]
