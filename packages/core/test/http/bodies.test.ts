import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { announcedDigests } from '../../src/http/content-digest.js'
import { exactLength } from '../../src/http/exact-length.js'
import { type Findings, HEAD_BYTES, type InspectionRule, startInspection } from '../../src/http/inspection.js'
import { meterBody } from '../../src/http/metered-body.js'
import { type Bytes, type GateRequest, RELEASE } from '../../src/index.js'

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

async function collect(bytes: Bytes): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of bytes) parts.push(part)
  return Buffer.concat(parts).toString()
}

function requestWith(headers: Record<string, string>): GateRequest {
  return { method: 'PUT', path: '/a', header: (name) => headers[name], body: null, bodyAlreadyRead: false }
}

const base64 = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('base64')

test('a metered body passes what keeps to its limits', async () => {
  const limits = { maxSize: 6, announced: 6, digests: [] }
  expect(await collect(meterBody(chunks('abc', 'def'), limits))).toBe('abcdef')
  expect(await collect(meterBody(chunks(), { maxSize: 0, announced: 0, digests: [] }))).toBe('')
})

test.each([
  ['one byte over the limit', { maxSize: 5, announced: undefined }, 'too_large'],
  ['longer than announced', { maxSize: 99, announced: 5 }, 'length_mismatch'],
  ['shorter than announced', { maxSize: 99, announced: 7 }, 'length_mismatch'],
  ['any byte where none is allowed', { maxSize: 0, announced: undefined }, 'too_large'],
])('a metered body is refused: %s', async (_name, limits, code) => {
  await expect(collect(meterBody(chunks('abc', 'def'), { ...limits, digests: [] }))).rejects.toMatchObject({
    code,
  })
})

test('a metered body does not begin its source before the first chunk is wanted', async () => {
  let begun = 0
  const source: Bytes = {
    [Symbol.asyncIterator]() {
      begun++
      return chunks('abc')
    },
  }
  const metered = meterBody(source, { maxSize: 3, announced: 3, digests: [] })
  const iterator = metered[Symbol.asyncIterator]()
  expect(begun).toBe(0)
  expect(await collect({ [Symbol.asyncIterator]: () => iterator })).toBe('abc')
  expect(begun).toBe(1)
  expect((await iterator.next()).done).toBe(true)
})

test('a metered body breaks off where its source throws rather than rejects', async () => {
  const source: Bytes = {
    [Symbol.asyncIterator]: () => ({
      next() {
        throw new TypeError('no promise')
      },
    }),
  }
  const metered = meterBody(source, { maxSize: 3, announced: 3, digests: [] })
  await expect(collect(metered)).rejects.toMatchObject({ code: 'length_mismatch' })
})

test('a metered body lets its source go where it is given up, or refuses it', async () => {
  for (const maxSize of [1, 99]) {
    let released = 0
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        yield Buffer.from('abc')
        yield Buffer.from('def')
      } finally {
        released++
      }
    }
    const limits = { maxSize, announced: undefined, digests: [] }
    const metered = meterBody(source(), limits)[Symbol.asyncIterator]()
    await metered.next().catch(() => {})
    await metered.return?.()
    expect(released).toBe(1)
  }
})

test('a metered body gives chunks back to the one that it passes on', async () => {
  const back: Uint8Array[] = []
  const source: Bytes = {
    [Symbol.asyncIterator]: () => chunks('abc'),
    [RELEASE]: (chunk) => void back.push(chunk),
  }
  const metered = meterBody(source, { maxSize: 9, announced: undefined, digests: [] })
  const chunk = Buffer.from('abc')
  metered[RELEASE]?.(chunk)
  expect(back).toEqual([chunk])
  expect(back[0]).toBe(chunk)
  const silent = meterBody(chunks('abc'), { maxSize: 9, announced: undefined, digests: [] })
  expect(() => silent[RELEASE]?.(chunk)).not.toThrow()
})

test('what is sniffed are the bytes that came, whatever becomes of a chunk that was passed on', async () => {
  const seen: string[] = []
  const inspection = startInspection({
    sniff: (head) => void seen.push(Buffer.from(head).toString()),
    announced: 'text/plain',
    allowedTypes: undefined,
    measured: false,
  })
  const limits = { maxSize: 1e6, announced: undefined, digests: [] }
  const watcher = { onBytes: inspection.onBytes, onEnd: async () => void (await inspection.finish()) }
  for await (const chunk of meterBody(chunks('a'.repeat(3000), 'b'.repeat(3000)), limits, watcher))
    chunk.fill(0)
  expect(seen).toEqual(['a'.repeat(3000) + 'b'.repeat(HEAD_BYTES - 3000)])
})

test('a source that breaks off is a length mismatch with its cause', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('a')
    throw new Error('aborted')
  }
  const limits = { maxSize: 9, announced: undefined, digests: [] }
  await expect(collect(meterBody(broken(), limits))).rejects.toMatchObject({
    code: 'length_mismatch',
    cause: { message: 'aborted' },
  })
})

test.each([
  ['content-digest', `sha-256=:${base64('sha256', 'abc')}:`, true],
  ['content-digest', `sha-512=:${base64('sha512', 'abc')}:`, true],
  ['content-digest', `unixsum=:AAA=:, sha-256=:${base64('sha256', 'abc')}:`, true],
  ['content-digest', `sha-256=:${base64('sha256', 'abc')}:, sha-512=:${base64('sha512', 'x')}:`, false],
  ['repr-digest', `sha-256=:${base64('sha256', 'x')}:`, false],
  ['content-md5', base64('md5', 'abc'), true],
  ['content-md5', base64('md5', 'x'), false],
])('%s: %s', async (name, value, matches) => {
  const digests = announcedDigests(requestWith({ [name]: value }))
  const body = collect(meterBody(chunks('a', 'bc'), { maxSize: 9, announced: undefined, digests }))
  if (matches) expect(await body).toBe('abc')
  else await expect(body).rejects.toMatchObject({ code: 'digest_mismatch' })
})

test.each([
  ['content-digest', 'sha-256=abc'],
  ['content-digest', 'sha-256=:YWJj:'],
  ['content-digest', ''],
  ['content-md5', 'YWJj'],
  ['content-md5', base64('md5', 'abc').toLowerCase().slice(1)],
])('a malformed digest is refused before the body: %s: %s', (name, value) => {
  expect(() => announcedDigests(requestWith({ [name]: value }))).toThrow(
    expect.objectContaining({ code: 'bad_request' }),
  )
})

test('exactLength throws where the storage sends too little or too much', async () => {
  expect(await collect(exactLength(chunks('ab', 'c'), 3))).toBe('abc')
  await expect(collect(exactLength(chunks('ab', 'c'), 4))).rejects.toMatchObject({
    code: 'storage_unavailable',
  })
  await expect(collect(exactLength(chunks('ab', 'c'), 2))).rejects.toMatchObject({
    code: 'storage_unavailable',
  })
})

test('exactLength closes a source that was never started', async () => {
  let closed = false
  const source: Bytes = {
    [Symbol.asyncIterator]: () => ({
      next: async () => ({ done: true, value: undefined }),
      return: async () => {
        closed = true
        return { done: true, value: undefined }
      },
    }),
  }
  await exactLength(source, 1)[Symbol.asyncIterator]().return?.()
  expect(closed).toBe(true)
})

const png = '\u0089PNG'
const sniff = (head: Uint8Array) => {
  const text = Buffer.from(head).toString()
  if (text.startsWith(png)) return { mime: 'image/png' }
  return text.startsWith('GIF8') ? { mime: 'image/gif' } : undefined
}

async function inspect(rule: Partial<InspectionRule>, ...texts: string[]) {
  const inspection = startInspection({
    sniff,
    announced: 'image/png',
    allowedTypes: ['image/png'],
    measured: false,
    ...rule,
  })
  let findings: Findings | undefined
  const body = await collect(
    meterBody(
      chunks(...texts),
      { maxSize: 1e6, announced: undefined, digests: [] },
      {
        onBytes: inspection.onBytes,
        async onEnd() {
          findings = await inspection.finish()
        },
      },
    ),
  )
  return { body, findings }
}

test('an inspected body is held against the allowed types by its first bytes', async () => {
  const whole = await inspect({}, '\u0089', 'PNG', 'x'.repeat(9000), 'y')
  expect(whole.body).toMatch(/^\u0089PNGx+y$/)
  expect(whole.findings).toEqual({ sniffedType: 'image/png' })
  await expect(inspect({}, 'GIF8')).rejects.toMatchObject({ code: 'type_not_allowed' })
  await expect(inspect({}, '<html>')).rejects.toMatchObject({ code: 'type_not_allowed' })
  const text = { announced: 'text/plain', allowedTypes: ['text/*'] }
  expect(await inspect(text, 'hello')).toEqual({ body: 'hello', findings: {} })
  await expect(inspect(text, png)).rejects.toMatchObject({ code: 'type_not_allowed' })
})

test('a measured body gives its digest, whatever its chunks', async () => {
  const expected = { algorithm: 'sha-256', base64: base64('sha256', 'abc'), hex: expect.any(String) }
  const rule = { sniff: undefined, allowedTypes: undefined, measured: true }
  expect(await inspect(rule, 'a', 'bc')).toEqual({ body: 'abc', findings: { digest: expected } })
  expect(await inspect(rule, 'abc')).toEqual({ body: 'abc', findings: { digest: expected } })
})

test('a body that makes the sniff function throw is refused', async () => {
  const broken = () => {
    throw new Error('bad chunk')
  }
  const rule = { sniff: broken, announced: 'text/plain', allowedTypes: ['text/*'] }
  await expect(inspect(rule, 'x')).rejects.toMatchObject({ code: 'type_not_allowed' })
})
