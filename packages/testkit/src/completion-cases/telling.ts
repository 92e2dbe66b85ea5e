import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { HttpCase } from '../http-case.js'
import { chunksOf, get, patternBytes, pause, put, readUrl, uploadUrl } from '../http-cases/exchange.js'
import { assertProblem, assertWhole } from '../http-cases/expect.js'
import { abort, begin, complete, jsonOf, sendPart, uploadAll } from '../multipart-http-cases/wire.js'
import { appCase, bothWays } from './accepting-app.js'

const TEXT = 'some text'

function digestOf(bytes: Uint8Array | string): unknown {
  const digest = createHash('sha256').update(bytes).digest()
  return { algorithm: 'sha-256', hex: digest.toString('hex'), base64: digest.toString('base64') }
}

/** What the app is told, and when. */
export const tellingCases: readonly HttpCase[] = [
  ...bothWays('the app is told what was measured', async (context, app, upload) => {
    const options = { payload: '{"user":7}', subject: 'user 7', visibility: 'public' } as const
    const reply = await upload(context, 'dir/a.txt', TEXT, options, 'text/markdown')
    const { etag } = jsonOf(reply, 201)
    assert.deepEqual(app.told, [
      {
        key: 'dir/a.txt',
        size: 9,
        etag,
        digest: digestOf(TEXT),
        contentType: 'text/markdown',
        visibility: 'public',
        payload: '{"user":7}',
        subject: 'user 7',
        created: true,
      },
    ])
  }),
  ...bothWays('the app learns whether an object was replaced', async (context, app, upload) => {
    await context.put('a.txt', 'old')
    jsonOf(await upload(context, 'a.txt', TEXT, { allowOverwrite: true }), 200)
    assert.equal(app.told[0]?.created, false)
    assert.deepEqual(
      Object.keys(app.told[0] ?? {}).filter((name) => ['payload', 'subject', 'sniffedType'].includes(name)),
      [],
    )
  }),
  ...bothWays(
    'the type that the bytes show is told beside the announced one',
    async (context, app, upload) => {
      jsonOf(await upload(context, 'a.txt', 'GIF89a and more', {}, 'text/plain'), 201)
      assert.equal(app.told[0]?.sniffedType, 'image/gif')
      assert.equal(app.told[0]?.contentType, 'text/plain')
    },
    {
      sniff: (head) =>
        Buffer.from(head).toString('latin1').startsWith('GIF8') ? { mime: 'image/gif' } : undefined,
    },
  ),
  ...bothWays('the client gets its answer only after the app', async (context, app, upload) => {
    const order: string[] = []
    app.accept = async () => {
      order.push('told')
      await pause(150)
      order.push('agreed')
    }
    jsonOf(await upload(context, 'a.txt', TEXT), 201)
    order.push('answered')
    assert.deepEqual(order, ['told', 'agreed', 'answered'])
  }),
  ...bothWays('the object can be read while the app is told', async (context, app, upload) => {
    let read: Awaited<ReturnType<typeof get>> | undefined
    app.accept = async ({ key, etag }) => {
      read = await get(context, await readUrl(context, key))
      assert.equal(read.headers.etag, etag)
    }
    jsonOf(await upload(context, 'a.txt', TEXT), 201)
    assert.ok(read)
    assertWhole(read, TEXT)
  }),
  appCase('the app is told the key with its suffix', async (context, app) => {
    const url = await uploadUrl(context, 'a.txt', { addRandomSuffix: true })
    const { key } = jsonOf(await put(context, url, TEXT), 201)
    assert.match(String(key), /^a-[\w-]{22}\.txt$/)
    assert.equal(app.told[0]?.key, key)
  }),
  ...bothWays('an upload that is refused is told to nobody', async (context, app, upload) => {
    await context.put('a.txt', 'old')
    assertProblem(await put(context, await uploadUrl(context, 'a.txt'), TEXT), 409, 'exists')
    const url = await uploadUrl(context, 'b.txt', { maxSize: 3 })
    assertProblem(await put(context, url, chunksOf(Buffer.from(TEXT))), 413, 'too_large')
    assert.ok((await upload(context, 'c.txt', TEXT, { maxSize: 3 }).catch(() => undefined))?.status !== 201)
    assert.deepEqual(app.told, [])
  }),
  appCase('a chunked upload and one of many parts are measured whole', async (context, app) => {
    const bytes = patternBytes(300_000)
    jsonOf(await put(context, await uploadUrl(context, 'a.bin'), chunksOf(bytes, 999)), 201)
    const begun = await begin(context, 'b.bin')
    const slices = Array.from({ length: 30 }, (_, at) => bytes.subarray(at * 10_000, (at + 1) * 10_000))
    jsonOf(await complete(context, begun, await uploadAll(context, begun, slices)), 201)
    for (const { size, digest } of app.told) assert.deepEqual([size, digest], [300_000, digestOf(bytes)])
    assert.equal(app.told.length, 2)
  }),
  appCase('a completion that is repeated waits for the app, which is told once', async (context, app) => {
    const begun = await begin(context, 'a.txt')
    const parts = await uploadAll(context, begun, ['some ', 'text'])
    let agreed = false
    let early = false
    app.accept = async () => {
      await pause(200)
      agreed = true
    }
    const send = async (delay: number): Promise<string> => {
      await pause(delay)
      const reply = await complete(context, begun, parts)
      if (!agreed) early = true
      jsonOf(reply, 201)
      return reply.body.toString()
    }
    const answers = await Promise.all([send(0), send(60), send(120)])
    answers.push(await send(0))
    assert.equal(early, false, 'an answer came before the app had agreed')
    assert.equal(new Set(answers).size, 1)
    assert.equal(app.told.length, 1)
  }),
  appCase('parts, lists and aborts are told to nobody', async (context, app) => {
    const begun = await begin(context, 'a.txt')
    assert.equal((await sendPart(context, begun, 1, 'x')).status, 200)
    assertProblem(await complete(context, begun, [{ partNumber: 1, etag: '"x"' }]), 400, 'invalid_part')
    assert.deepEqual(app.told, [])
    assert.equal((await abort(context, begun)).status, 204)
    assert.deepEqual(app.told, [])
  }),
]
