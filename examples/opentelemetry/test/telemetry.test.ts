import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePort } from '../../testing/free-port.js'
import { startProgram } from '../../testing/start-program.js'
import { startCollector } from './collector.js'

const ADDRESSES = /^Upload to {2}(?<upload>\S+)\n(?:.*\n)*Download {3}(?<download>\S+)$/m
const BYTES = 1024 * 1024

let dataFolder: string
let collector: Awaited<ReturnType<typeof startCollector>>
let download: string
const [before, after] = [{ at: 0 }, { at: 0 }]

/** Uses the example as its clients do, and waits until it has told the collector all of it. */
beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'latchkey-opentelemetry-'))
  collector = await startCollector()
  const program = await startProgram(
    fileURLToPath(new URL('../index.js', import.meta.url)),
    {
      PORT: String(await freePort()),
      DATA_DIR: dataFolder,
      LATCHKEY_SECRET: 's'.repeat(32),
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    },
    ADDRESSES,
  )
  const { upload = '', download: url = '' } = program.match.groups ?? {}
  download = url
  before.at = Date.now()
  const body = new Uint8Array(BYTES)
  await fetch(upload, { method: 'PUT', headers: { 'content-type': 'text/plain' }, body })
  await (await fetch(download)).arrayBuffer()
  await (await fetch(download, { headers: { range: 'bytes=0-9' } })).arrayBuffer()
  await (await fetch(download.replace('hello.txt', 'other.txt'))).text()
  after.at = Date.now()
  await program.stop()
})
afterAll(async () => {
  collector.close()
  await rm(dataFolder, { recursive: true, force: true })
})

it('makes a span of each event, below that of its request', () => {
  const { spans } = collector
  const own = spans.filter(({ name }) => name.startsWith('latchkey '))
  expect(
    own.map(({ name, attributes }) => [name, attributes['latchkey.bytes'] ?? attributes['latchkey.reason']]),
  ).toEqual([
    ['latchkey received', BYTES],
    ['latchkey served', BYTES],
    ['latchkey served', 10],
    ['latchkey refused', 'mac_mismatch'],
  ])
  const parents = own.map(({ parentSpanId, traceId }) => {
    const parent = spans.find(({ spanId }) => spanId === parentSpanId)
    expect(parent?.traceId).toBe(traceId)
    return [parent?.name, parent?.attributes['http.response.status_code']]
  })
  expect(parents).toEqual([
    ['HTTP PUT', 201],
    ['HTTP GET', 200],
    ['HTTP GET', 206],
    ['HTTP GET', 403],
  ])
  for (const { start, end, isError } of own) {
    expect(start).toBeGreaterThanOrEqual(before.at)
    expect(end).toBeGreaterThan(start)
    expect(end).toBeLessThanOrEqual(after.at + 1)
    expect(isError).toBe(false)
  }
})

it('counts what was answered, by what became of it, and the bytes', () => {
  const points = collector.points()
  const of = (name: string) =>
    points.filter(({ metric }) => metric === name).map(({ attributes, value }) => ({ ...attributes, value }))
  const answered = [
    { outcome: 'received', multipart: false, value: 1 },
    { outcome: 'served', delivery: 'stream', access: 'token', status: 200, value: 1 },
    { outcome: 'served', delivery: 'stream', access: 'token', status: 206, value: 1 },
    { outcome: 'refused', code: 'invalid_signature', status: 403, value: 1 },
  ]
  expect(of('latchkey.requests')).toEqual(answered)
  expect(of('latchkey.request.duration')).toEqual(answered)
  expect(of('latchkey.sent')).toEqual([{ delivery: 'stream', access: 'token', value: BYTES + 10 }])
  expect(of('latchkey.stored')).toEqual([{ multipart: false, value: BYTES }])
  expect(of('latchkey.minted')).toEqual([
    { what: 'upload', value: 1 },
    { what: 'url', value: 1 },
  ])
})

it('tells the collector no token', () => {
  const token = new URL(download).searchParams.get('token') ?? ''
  expect(token).not.toBe('')
  expect(JSON.stringify([collector.spans, collector.points()])).not.toContain(token)
})
