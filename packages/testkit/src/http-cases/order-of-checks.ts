import type { HttpCase, HttpCaseContext } from '../http-case.js'
import type { ClientFields, ClientReply } from '../http-client.js'
import { below, get, put, readUrl, removeUrl, request, targetOf, uploadUrl } from './exchange.js'
import { assertProblem, assertSameReply, refused } from './expect.js'

const PRESENT = 'present.txt'
const ABSENT = 'absent.txt'

/** Requests that a holder of a good token would get a 304, 412, 416 or 404 for. */
const PROBES: readonly (readonly [name: string, fields: (etag: string, modified: string) => ClientFields])[] =
  [
    ['no condition', () => ({})],
    ['If-None-Match: *', () => ({ 'if-none-match': '*' })],
    ['If-None-Match with the ETag', (etag) => ({ 'if-none-match': etag })],
    ['If-Match that fails', () => ({ 'if-match': '"x"' })],
    ['If-Modified-Since', (_, modified) => ({ 'if-modified-since': modified })],
    ['If-Unmodified-Since', () => ({ 'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' })],
    ['a Range past the end', () => ({ range: 'bytes=999-' })],
    ['a Range', () => ({ range: 'bytes=0-0' })],
  ]

type Spoil = (context: HttpCaseContext, key: string) => Promise<string>

const BAD_TOKENS: readonly (readonly [name: string, target: Spoil])[] = [
  ['no token', async (context, key) => below(context, `/${key}`)],
  ['a junk token', async (context, key) => below(context, `/${key}?token=junk`)],
  [
    'an expired token',
    async (context, key) => {
      const url = await readUrl(context, key, {
        validUntil: context.clock.now() + 1000,
        operations: ['get', 'head', 'delete'],
      })
      context.clock.advance(1000)
      return targetOf(url)
    },
  ],
  [
    'a foreign token',
    async (context, key) => targetOf((await context.another({ audience: 'x' }).signedUrl(key)).url),
  ],
]

async function probe(
  context: HttpCaseContext,
  spoil: Spoil,
  method: string,
): Promise<readonly (readonly [present: ClientReply, absent: ClientReply])[]> {
  const { stat } = await context.put(PRESENT, 'text')
  const [present, absent] = [await spoil(context, PRESENT), await spoil(context, ABSENT)]
  return Promise.all(
    PROBES.map(async ([, fields]) => {
      const headers = fields(stat.etag, stat.lastModified.toUTCString())
      return [
        await request(context, present, { method, headers }),
        await request(context, absent, { method, headers }),
      ] as const
    }),
  )
}

/** Access comes before everything that would tell a stranger something. */
export const orderCases: readonly HttpCase[] = [
  ...BAD_TOKENS.flatMap(([name, spoil]) =>
    ['GET', 'HEAD', 'DELETE'].map(
      (method): HttpCase => ({
        name: `${method} with ${name} cannot tell a present object from an absent one, with no condition or range`,
        async run(context) {
          for (const [present, absent] of await probe(context, spoil, method)) {
            assertSameReply(present, absent)
            if (method === 'HEAD') continue
            assertProblem(present, 403, JSON.parse(absent.body.toString()).code)
          }
        },
      }),
    ),
  ),
  {
    name: 'PUT without a good token cannot tell a taken key from a free one, nor what an upload may be',
    async run(context) {
      await context.put(PRESENT, 'text')
      for (const headers of [
        {},
        { 'if-match': '"x"' },
        { 'if-none-match': '*' },
        { 'content-type': 'junk' },
      ]) {
        for (const query of ['', '?token=junk']) {
          const code = query === '' ? 'token_required' : 'invalid_signature'
          const send = (key: string) =>
            put(context, below(context, `/${key}${query}`), 'x'.repeat(100), headers)
          const taken = await refused(context, PRESENT, [403, code], () => send(PRESENT))
          const free = await refused(context, ABSENT, [403, code], () => send(ABSENT))
          assertSameReply(taken, free)
        }
      }
    },
  },
  {
    name: 'a token for one operation tells nothing to another',
    async run(context) {
      await context.put(PRESENT, 'text')
      for (const mint of [uploadUrl, removeUrl]) {
        const replies = [PRESENT, ABSENT].map(async (key) =>
          get(context, await mint(context, key), { range: 'bytes=9-' }),
        )
        const [present, absent] = await Promise.all(replies)
        if (present === undefined || absent === undefined) throw new Error('no replies')
        assertSameReply(present, absent)
      }
    },
  },
  {
    name: 'a private object beside a public one of the same name in another case stays private',
    needs: ['metadata'],
    async run(context) {
      await context.put('public.txt', 'for all', { visibility: 'public' })
      assertProblem(await get(context, below(context, '/public.txt/x')), 403, 'token_required')
      assertProblem(await get(context, below(context, '/PUBLIC.txt')), 403, 'token_required')
    },
  },
]
