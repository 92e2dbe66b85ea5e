import assert from 'node:assert/strict'
import type { HttpCase } from '../http-case.js'
import { chunksOf, patternBytes, put, request, requestHead, targetOf, uploadUrl } from './exchange.js'
import { assertAbsent, assertProblem, assertStored, refused, unchanged } from './expect.js'
import { RawConnection } from './raw-connection.js'

const KEY = 'a.bin'
const MIB = 1024 * 1024
const ONE_MIB = patternBytes(MIB)

async function* endless(bytes: number): AsyncGenerator<Uint8Array> {
  const chunk = patternBytes(64 * 1024)
  for (let sent = 0; sent < bytes; sent += chunk.byteLength) yield chunk
}

/** How much may be uploaded. */
export const uploadLimitCases: readonly HttpCase[] = [
  {
    name: 'an upload of exactly maxSize is stored, one byte more is 413',
    async run(context) {
      for (const bodyOf of [
        (size: number) => patternBytes(size),
        (size: number) => chunksOf(patternBytes(size), 9),
      ]) {
        const key = `${bodyOf(1) instanceof Uint8Array}`
        const url = await uploadUrl(context, key, { maxSize: 100 })
        await refused(context, key, [413, 'too_large'], () => put(context, url, bodyOf(101)))
        await assertAbsent(context, key)
        assert.equal((await put(context, url, bodyOf(100))).status, 201)
      }
    },
  },
  {
    name: 'maxSize takes texts',
    async run(context) {
      const url = await uploadUrl(context, KEY, { maxSize: '1kb' })
      await refused(context, KEY, [413, 'too_large'], () => put(context, url, patternBytes(1025)))
      assert.equal((await put(context, url, patternBytes(1024))).status, 201)
    },
  },
  {
    name: 'maxSize: 0 lets nothing but an empty object in',
    async run(context) {
      const url = await uploadUrl(context, KEY, { maxSize: 0 })
      await refused(context, KEY, [413, 'too_large'], () => put(context, url, 'x'))
      await refused(context, KEY, [413, 'too_large'], () => put(context, url, chunksOf(Buffer.from('x'))))
      assert.equal((await put(context, url, '')).status, 201)
    },
  },
  {
    name: 'the limit of the mount holds for URLs that have none, and for those that have a larger one',
    options: { maxUploadSize: 50 },
    async run(context) {
      for (const options of [{}, { maxSize: 50 }]) {
        const url = await uploadUrl(context, KEY, options)
        await refused(context, KEY, [413, 'too_large'], () => put(context, url, patternBytes(51)))
        await refused(context, KEY, [413, 'too_large'], () => put(context, url, chunksOf(patternBytes(51))))
      }
    },
  },
  {
    name: 'a length over the limit is refused before any of the body is there',
    async run(context) {
      const target = targetOf(await uploadUrl(context, KEY, { maxSize: '1mb' }))
      await unchanged(context, KEY, async () => {
        const connection = await RawConnection.open(context.origin)
        await connection.write(requestHead('PUT', target, [`Content-Length: ${MIB + 1}`]))
        assertProblem(await connection.reply('PUT'), 413, 'too_large')
        connection.destroy()
      })
    },
  },
  {
    name: 'a huge length is refused, not overflowed',
    async run(context) {
      const target = targetOf(await uploadUrl(context, KEY, { maxSize: '1mb' }))
      for (const length of ['9007199254740993', '18446744073709551615']) {
        await unchanged(context, KEY, async () => {
          const connection = await RawConnection.open(context.origin)
          await connection.write(requestHead('PUT', target, [`Content-Length: ${length}`]))
          const { status } = await connection.reply('PUT')
          assert.ok(status === 400 || status === 413, String(status))
          connection.destroy()
        })
      }
    },
  },
  {
    name: 'the 413 for an announced 64 MiB reaches a client that is still sending',
    async run(context) {
      const url = await uploadUrl(context, KEY, { maxSize: '1mb' })
      await refused(context, KEY, [413, 'too_large'], () =>
        request(context, url, {
          method: 'PUT',
          headers: { 'content-length': String(64 * MIB) },
          body: endless(64 * MIB),
        }),
      )
    },
  },
  {
    name: 'the 413 for 64 MiB in chunks, passed in mid-stream, reaches a client that is still sending',
    needs: ['strongEtags'],
    async run(context) {
      const { stat } = await context.put(KEY, 'the old object')
      const url = await uploadUrl(context, KEY, { maxSize: '1mb', ifMatch: stat.etag })
      await refused(context, KEY, [413, 'too_large'], () => put(context, url, endless(64 * MIB)))
      await assertStored(context, KEY, 'the old object')
    },
  },
  {
    name: 'the 413 reaches a client that sends all of its 8 MiB before it reads',
    async run(context) {
      const target = targetOf(await uploadUrl(context, KEY, { maxSize: '1mb' }))
      await unchanged(context, KEY, async () => {
        const connection = await RawConnection.open(context.origin)
        connection.pause()
        await connection.write(requestHead('PUT', target, [`Content-Length: ${8 * MIB}`]))
        await connection.write(patternBytes(8 * MIB))
        connection.resume()
        assertProblem(await connection.reply('PUT'), 413, 'too_large')
        connection.destroy()
      })
    },
  },
  {
    name: 'a refused upload is not read without end',
    async run(context) {
      const target = targetOf(await uploadUrl(context, KEY, { maxSize: '1mb' }))
      for (const field of [`Content-Length: ${1024 * MIB}`, 'Transfer-Encoding: chunked']) {
        const connection = await RawConnection.open(context.origin)
        await connection.write(requestHead('PUT', target, [field]))
        if (field.startsWith('Transfer')) await connection.write('40000000\r\n')
        let sent = 0
        for (; sent < 200 * MIB && !connection.isOver; sent += MIB) await connection.write(ONE_MIB)
        assert.ok(sent < 200 * MIB, 'all of it was taken')
        assertProblem(await connection.reply('PUT'), 413, 'too_large')
        connection.destroy()
      }
    },
  },
  {
    name: 'an announced length that is no number is refused',
    async run(context) {
      const target = targetOf(await uploadUrl(context, KEY))
      for (const length of ['-1', '+5', '5.0', '0x5', '5, 5', '5 5', 'five', '']) {
        await unchanged(context, KEY, async () => {
          const connection = await RawConnection.open(context.origin)
          await connection.write(
            requestHead('PUT', target, [`Content-Length: ${length}`, 'Connection: close']),
          )
          await connection.write('bytes')
          const answer = (await connection.rest())?.toString('latin1') ?? ''
          assert.match(answer, /^HTTP\/1\.1 400 /, `Content-Length: ${length}`)
          connection.destroy()
        })
      }
      await assertAbsent(context, KEY)
    },
  },
]
