import assert from 'node:assert/strict'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import { get, put, request, requestHead, targetOf, uploadUrl } from '../http-cases/exchange.js'
import { assertProblem } from '../http-cases/expect.js'
import { altered } from '../http-cases/faulty-storage.js'
import { RawConnection } from '../http-cases/raw-connection.js'
import { askToBegin, begin, complete, jsonOf, partsCase, sendPart, uploadAll } from './wire.js'

const ORIGIN = 'https://app.example'

async function allowOf(context: HttpCaseContext, url: string, method: string): Promise<string> {
  const reply = await request(context, url, { method })
  assertProblem(reply, 405, 'method_not_allowed')
  return reply.headers.allow ?? ''
}

/** Methods, preflights and connections. */
export const methodCases: readonly HttpCase[] = [
  partsCase('a method that a step does not take is 405, and Allow says which it does', async (context) => {
    const begun = await begin(context, 'a.txt')
    const upload = `${begun.url}&uploadId=${begun.uploadId}`
    assert.equal(await allowOf(context, `${begun.url}&uploads`, 'PUT'), 'POST, OPTIONS')
    assert.equal(await allowOf(context, `${begun.url}&uploads`, 'DELETE'), 'POST, OPTIONS')
    assert.equal(await allowOf(context, upload, 'PUT'), 'GET, POST, DELETE, OPTIONS')
    assert.equal(await allowOf(context, `${upload}&partNumber=1`, 'POST'), 'PUT, OPTIONS')
    assert.equal(await allowOf(context, `${upload}&partNumber=1`, 'DELETE'), 'PUT, OPTIONS')
    assert.match(await allowOf(context, upload, 'PATCH'), /\bPOST\b/)
    assert.doesNotMatch(await allowOf(context, begun.url, 'POST'), /\bPOST\b/)
    assert.equal((await request(context, upload, { method: 'HEAD' })).status, 403)
  }),
  partsCase(
    'OPTIONS and preflights name POST where an upload is begun or completed',
    async (context) => {
      const preflight = {
        origin: ORIGIN,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      }
      for (const query of ['uploads', 'uploadId=x', 'uploadId=x&partNumber=1']) {
        const target = `${context.mount}/a.txt?token=t&${query}`
        const { status, headers } = await request(context, target, { method: 'OPTIONS', headers: preflight })
        assert.equal(status, 204)
        assert.match(headers.allow ?? '', /\bPOST\b/)
        assert.match(headers['access-control-allow-methods'] ?? '', /\bPOST\b/)
        assert.match(headers['access-control-allow-headers'] ?? '', /\bContent-Type\b/)
        assert.equal(headers['access-control-allow-origin'], ORIGIN)
      }
      const { headers } = await request(context, `${context.mount}/a.txt`, { method: 'OPTIONS' })
      assert.doesNotMatch(headers.allow ?? '', /\bPOST\b/)
    },
    { options: { cors: { origins: [ORIGIN] } } },
  ),
  partsCase(
    'a page of another origin can read what it needs of every answer',
    async (context) => {
      const headers = { origin: ORIGIN }
      const begun = await begin(context, 'a.txt')
      const part = await sendPart(context, begun, 1, 'text', headers)
      const done = await complete(context, begun, [{ partNumber: 1, etag: part.headers.etag }], headers)
      const gone = await sendPart(context, begun, 2, 'late', headers)
      assert.deepEqual([part.status, done.status, gone.status], [200, 201, 404])
      for (const reply of [part, done, gone]) {
        assert.equal(reply.headers['access-control-allow-origin'], ORIGIN)
        assert.match(reply.headers['access-control-expose-headers'] ?? '', /\bETag\b.*\bLocation\b/)
        assert.match(reply.headers.vary ?? '', /\bOrigin\b/)
      }
    },
    { options: { cors: { origins: [ORIGIN] } } },
  ),
  partsCase('a connection goes on after a part, and parts wait for 100 Continue', async (context) => {
    const begun = await begin(context, 'a.txt', { maxSize: 5 })
    const connection = await RawConnection.open(context.origin)
    const target = (partNumber: number): string =>
      `${targetOf(begun.url)}&uploadId=${begun.uploadId}&partNumber=${partNumber}`
    await connection.write(requestHead('PUT', target(1), ['Content-Length: 4', 'Expect: 100-continue']))
    assert.equal((await connection.reply('PUT')).status, 100)
    await connection.write('text')
    assert.equal((await connection.reply('PUT')).status, 200)
    await connection.write(`${requestHead('PUT', target(2), ['Content-Length: 1'])}x`)
    assert.equal((await connection.reply('PUT')).status, 200)
    await connection.write(requestHead('PUT', target(3), ['Content-Length: 9', 'Expect: 100-continue']))
    assertProblem(await connection.reply('PUT'), 413, 'too_large')
    connection.destroy()
  }),
  {
    name: 'a storage that takes no uploads in parts takes none, and stores no part as an object',
    needs: ['conditionalWrites'],
    storage: (driver) => {
      const { multipart: _, ...without } = altered(driver, {})
      return without
    },
    async run(context) {
      const url = await uploadUrl(context, 'a.txt')
      assertProblem(await askToBegin(context, url), 400, 'bad_request')
      assert.equal(await context.driver.stat('a.txt'), null)
      for (const query of ['partNumber=1', 'partNumber=1&uploadId=x', 'uploads', 'uploadId=x']) {
        assertProblem(await put(context, `${url}&${query}`, 'part'), 400, 'bad_request')
      }
      assert.equal((await get(context, url)).status, 403)
      assert.equal(await context.driver.stat('a.txt'), null)
    },
  },
  partsCase('many parts at once, as a browser with a fast line sends them', async (context) => {
    const begun = await begin(context, 'a.bin')
    const bodies = Array.from({ length: 60 }, (_, at) => `${at},`)
    const parts = await uploadAll(context, begun, bodies)
    const { size } = jsonOf(await complete(context, begun, parts), 201)
    assert.equal(size, bodies.join('').length)
  }),
]
