import assert from 'node:assert/strict'
import type { LatchkeyErrorCode, ObjectStat } from '@latchkey/core'
import { assertNothingLeft, type HttpCaseContext } from '../http-case.js'
import type { ClientReply } from '../http-client.js'

/** What lies under a key: its stat and its bytes. */
export interface Snapshot {
  readonly stat: ObjectStat
  readonly bytes: Buffer
}

/** What lies under a key at the moment, read past HTTP. */
export async function snapshot(context: HttpCaseContext, key: string): Promise<Snapshot | null> {
  const object = await context.driver.open(key)
  if (object === null) return null
  const body = await object.read()
  if (body instanceof Uint8Array) return { stat: object.stat, bytes: Buffer.from(body) }
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return { stat: object.stat, bytes: Buffer.concat(chunks) }
}

/** Asserts that a key holds these bytes. */
export async function assertStored(
  context: HttpCaseContext,
  key: string,
  bytes: Uint8Array | string,
): Promise<ObjectStat> {
  const stored = await snapshot(context, key)
  assert.ok(stored !== null, `nothing is stored under ${JSON.stringify(key)}`)
  assert.ok(stored.bytes.equals(Buffer.from(bytes)), `other bytes are stored under ${JSON.stringify(key)}`)
  return stored.stat
}

/** Asserts that a key is free. */
export async function assertAbsent(context: HttpCaseContext, key: string): Promise<void> {
  assert.equal(await context.driver.stat(key), null, `something is stored under ${JSON.stringify(key)}`)
}

/** Runs `action`, and asserts that it left the key as it was and nothing besides. */
export async function unchanged<T>(
  context: HttpCaseContext,
  key: string,
  action: () => Promise<T>,
): Promise<T> {
  const before = await snapshot(context, key)
  const result = await action()
  assert.deepEqual(await snapshot(context, key), before, 'the storage changed')
  await assertNothingLeft(context)
  return result
}

/** Sends what must be refused, and asserts the refusal's form and that the key is as it was. */
export async function refused(
  context: HttpCaseContext,
  key: string,
  expected: readonly [status: number, code: LatchkeyErrorCode],
  act: () => Promise<ClientReply>,
): Promise<ClientReply> {
  const reply = await unchanged(context, key, act)
  assertProblem(reply, expected[0], expected[1])
  return reply
}

/** As `refused`, where the framework may answer by itself before Latchkey does: only the status counts. */
export async function refusedSomehow(
  context: HttpCaseContext,
  key: string,
  statuses: readonly number[],
  act: () => Promise<ClientReply>,
): Promise<ClientReply> {
  const reply = await unchanged(context, key, act)
  assert.ok(statuses.includes(reply.status), `status ${reply.status}, expected ${statuses.join(' or ')}`)
  return reply
}

/** Whether a reply says that it varies by this header of the request. */
export function variesBy(name: string, { headers }: ClientReply): boolean {
  return (headers.vary ?? '')
    .toLowerCase()
    .trim()
    .split(/\s*,\s*/)
    .includes(name)
}

/** Asserts that a reply is a problem (RFC 9457) that no cache may keep. */
export function assertProblem(reply: ClientReply, status: number, code: LatchkeyErrorCode): void {
  const text = reply.body.toString()
  assert.equal(reply.status, status, `status of ${text}`)
  assert.equal(reply.headers['content-type'], 'application/problem+json')
  const { title, detail, ...rest }: Record<string, unknown> = JSON.parse(text)
  assert.deepEqual(rest, { status, code })
  assert.ok(typeof title === 'string' && title !== '' && typeof detail === 'string' && detail !== '', text)
  assertNotStored(reply)
  assert.equal(reply.headers['x-content-type-options'], 'nosniff')
}

/** Asserts that no cache may keep a reply, and that it has nothing to be revalidated with. */
export function assertNotStored(reply: ClientReply): void {
  assert.equal(reply.headers['cache-control'], 'no-store')
  assert.equal(reply.headers.etag, undefined)
  assert.equal(reply.headers['last-modified'], undefined)
}

/** Asserts a whole reply with these bytes. */
export function assertWhole(reply: ClientReply, bytes: Uint8Array | string): void {
  const expected = Buffer.from(bytes)
  assert.equal(reply.status, 200, reply.body.toString('latin1', 0, 300))
  assert.equal(reply.headers['content-range'], undefined)
  assert.equal(reply.headers['content-length'], String(expected.byteLength))
  assert.ok(reply.complete, 'the body was cut short')
  assert.ok(reply.body.equals(expected), 'other bytes came')
}

/** Asserts a 206 with the bytes `first` to `last` of an object. */
export function assertPart(reply: ClientReply, object: Uint8Array, first: number, last: number): void {
  assert.equal(reply.status, 206, reply.body.toString('latin1', 0, 300))
  assert.equal(reply.headers['content-range'], `bytes ${first}-${last}/${object.byteLength}`)
  assert.equal(reply.headers['content-length'], String(last - first + 1))
  assert.ok(reply.complete, 'the body was cut short')
  assert.ok(reply.body.equals(object.subarray(first, last + 1)), 'other bytes came')
}

const OF_THE_CONNECTION = ['date', 'connection', 'keep-alive', 'transfer-encoding']

/** The header of a reply less what belongs to the moment and the connection. Of `Server-Timing` the names stay. */
function lastingFields(reply: ClientReply): Record<string, string> {
  return Object.fromEntries(
    Object.entries(reply.headers)
      .filter(([name]) => !OF_THE_CONNECTION.includes(name))
      .map(([name, value]) => [name, name === 'server-timing' ? timedParts(reply).join() : value]),
  )
}

/** What `Server-Timing` tells the time of, whose form is asserted; empty without it. */
export function timedParts({ headers }: ClientReply): string[] {
  const metrics = headers['server-timing']?.split(', ') ?? []
  return metrics.map((metric) => {
    const [, name = ''] = /^([a-z]+);dur=\d+(?:\.\d)?$/.exec(metric) ?? []
    assert.notEqual(name, '', metric)
    return name
  })
}

/** Asserts that nobody can tell two replies apart. */
export function assertSameReply(one: ClientReply, other: ClientReply): void {
  assert.equal(one.status, other.status)
  assert.deepEqual(lastingFields(one), lastingFields(other))
  assert.equal(one.body.toString('latin1'), other.body.toString('latin1'))
}

/** Asserts that a HEAD reply is the GET reply without its body. */
export function assertHeadOf(headReply: ClientReply, getReply: ClientReply): void {
  assert.equal(headReply.status, getReply.status)
  assert.deepEqual(lastingFields(headReply), lastingFields(getReply))
  assert.equal(headReply.body.byteLength, 0)
}
