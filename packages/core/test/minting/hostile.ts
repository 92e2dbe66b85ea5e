import fc from 'fast-check'
import { bodyOf, wishes } from './hostile-bodies.js'
import { key } from './hostile-values.js'

/** A request to mint as somebody may send it who means harm, or does not know better. */
export interface HostileRequest {
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: Uint8Array | null
}

const segment = fc.oneof(
  key.map((text) => encodeURIComponent(Buffer.from(text).toString())),
  fc.constantFrom('a.txt', '%', '%2', '%2F', '%2e%2e', '%ff', '%00', '%C0%AF', ';', '+', '..', '.', ''),
)

function pathOf(route: string): fc.Arbitrary<string> {
  const tail = route === 'signed-url' ? '/signed-url' : ''
  const segments = fc.array(segment, { maxLength: 4 }).map((all) => `/${all.join('/')}${tail}`)
  const usual =
    route === 'signed-url'
      ? fc.constantFrom('/a.txt/signed-url', '/dir/b.txt/signed-url')
      : fc.constant(`/${route.split(' ')[0]}`)
  return fc.oneof(
    { weight: 12, arbitrary: usual },
    { weight: route === 'signed-url' ? 6 : 1, arbitrary: segments },
  )
}

const query = fc.oneof(
  { weight: 6, arbitrary: fc.constant('') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('?', '?x=1', '?token=a', '?token=a&token=b', '?uploads', '?uploadId=', '?%'),
  },
)

/** Values that a client of HTTP can be made to send. */
const fields = fc.record(
  {
    'content-type': fc.oneof(
      { weight: 9, arbitrary: fc.constant('application/json') },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          '',
          'text/plain',
          'application/json; charset=utf-16',
          'APPLICATION/JSON;',
          'a, b',
          ';',
          '\u00ff',
        ),
      },
    ),
    'content-encoding': fc.constantFrom('identity', 'identity', 'gzip', 'br, gzip', ''),
    'content-range': fc.constantFrom('bytes 0-1/2'),
    authorization: fc.constantFrom('Bearer x', 'Bearer', 'Basic eA==', 'Bearer a, Bearer b', '\u00ff'),
    accept: fc.constantFrom('*/*', 'text/html', 'application/json', ''),
    'sec-fetch-mode': fc.constantFrom('navigate', 'cors', 'x'),
    origin: fc.constantFrom('null', 'https://a.example', ''),
    'access-control-request-method': fc.constantFrom('POST', ''),
  },
  { requiredKeys: ['content-type'] },
)
const usualFields = fc.record(
  { 'content-type': fc.constant('application/json'), accept: fc.constantFrom('*/*', 'application/json') },
  { requiredKeys: ['content-type'] },
)

const otherMethod = fc.constantFrom('OPTIONS', 'PATCH', 'GET')

/** Requests of which a good part is well-formed enough to be minted. */
export const hostileRequest: fc.Arbitrary<HostileRequest> = fc.oneof(
  ...Object.entries(wishes).map(([route, wish]) =>
    fc.record({
      method: fc.oneof({ weight: 20, arbitrary: fc.constant('POST') }, { weight: 1, arbitrary: otherMethod }),
      path: fc.tuple(pathOf(route), query).map((parts) => parts.join('')),
      headers: fc.oneof({ weight: 4, arbitrary: usualFields }, { weight: 1, arbitrary: fields }).map(defined),
      body: bodyOf(wish),
    }),
  ),
)

function defined(record: Partial<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
