import fc from 'fast-check'
import { anything, type Name, valid } from './hostile-values.js'

/** Some properties of a route, few of them with values of any kind, and now and then one that it does not know. */
function wishWith(names: readonly Name[], requiredKeys: readonly Name[] = []): fc.Arbitrary<object> {
  const properties = Object.fromEntries(
    names.map((name) => [
      name,
      fc.oneof({ weight: 24, arbitrary: valid[name] }, { weight: 1, arbitrary: anything }),
    ]),
  )
  const known = fc.record(properties, { requiredKeys: [...requiredKeys] })
  const unknown = fc.tuple(known, fc.constantFrom(...(Object.keys(valid) as Name[])), anything)
  return fc.oneof(
    { weight: 24, arbitrary: known },
    { weight: 1, arbitrary: unknown.map(([all, name, value]) => ({ ...all, [name]: value })) },
  )
}

const OF_URL = ['expires_in', 'operation', 'download', 'max_downloads'] as const
const item = wishWith(['key', ...OF_URL], ['key'])
const items = fc.array(fc.oneof({ weight: 40, arbitrary: item }, { weight: 1, arbitrary: anything }), {
  maxLength: 8,
})

/** What the body of each route may ask for. */
export const wishes: Readonly<Record<string, fc.Arbitrary<object>>> = {
  'signed-url': wishWith(OF_URL),
  'signed-urls': items.map((urls) => ({ urls })),
  'signed-uploads': wishWith(['key', 'contentType', 'size', 'payload', 'expiresIn', 'multipart'], ['key']),
  'signed-requests': wishWith(['method', 'key', 'contentType', 'expiresIn'], ['method', 'key']),
  'signed-requests in parts': wishWith(['method', 'key', 'uploadId', 'partNumber'], ['method', 'key']),
}

const crafted = fc.constantFrom(
  '',
  ' ',
  '{}',
  '\ufeff{}',
  '{"__proto__":{"operation":"delete"}}',
  '{"urls":[{"__proto__":{"key":"a.txt"}}]}',
  '{"constructor":{"prototype":{"key":"a.txt"}}}',
  '{"expires_in":1e400}',
  '{"expires_in":-1e400}',
  '{"expires_in":1,"expires_in":2}',
  '{"key":"a","\\u006bey":"b"}',
  '{"key":"\\ud800"}',
  '{"key":"\\udfff\\ud800","method":"PUT"}',
  '{"urls":[[[[[[[[[[]]]]]]]]]]}',
  `${'['.repeat(30_000)}`,
  `${'{"a":'.repeat(10_000)}`,
  `{"download":"${'x'.repeat(70_000)}"}`,
  '{"urls":null}',
  '{"toString":1}',
  '"\\',
  '{"a":}',
  ':'.repeat(1000),
)

/** A text with some bytes changed, or cut off. */
function damaged(json: fc.Arbitrary<string>): fc.Arbitrary<Uint8Array> {
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 })
  return fc.tuple(json, changes, fc.nat(3)).map(([text, all, cut]) => {
    const bytes = Buffer.from(text)
    for (const [at, value] of all) if (bytes.length > 0) bytes[at % bytes.length] = value
    return bytes.subarray(0, Math.max(bytes.length - cut, 0))
  })
}

/** A body that asks for something, or fails to. */
export function bodyOf(wish: fc.Arbitrary<object>): fc.Arbitrary<Uint8Array | null> {
  const json = wish.map((value) => JSON.stringify(value))
  return fc.oneof(
    { weight: 12, arbitrary: json.map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: fc.oneof(crafted, fc.json()).map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: anything.map((value) => Buffer.from(JSON.stringify(value) ?? '')) },
    { weight: 2, arbitrary: damaged(json) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
    { weight: 1, arbitrary: fc.constant(null) },
  )
}
