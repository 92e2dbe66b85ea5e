import assert from 'node:assert/strict'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import type { ClientReply } from '../http-client.js'
import { CONDITION_ROWS, type Outcome } from './condition-rows.js'
import { get, patternBytes, readUrl } from './exchange.js'
import { assertPart, assertProblem, assertWhole } from './expect.js'

const OBJECT = patternBytes(1000)

const EXPECTED: Readonly<Record<Outcome, string>> = {
  whole: '200 and the whole object',
  part: '206',
  not_modified: '304',
  failed: '412',
}

function assertOutcome(reply: ClientReply, expected: Outcome): void {
  if (expected === 'whole') assertWhole(reply, OBJECT)
  else if (expected === 'part') assertPart(reply, OBJECT, 0, 9)
  else if (expected === 'failed') assertProblem(reply, 412, 'precondition_failed')
  else assert.deepEqual([reply.status, reply.body.byteLength], [304, 0])
}

async function stored(context: HttpCaseContext): Promise<{ url: string; etag: string; modified: string }> {
  const { stat } = await context.put('object.bin', OBJECT)
  const url = await readUrl(context, 'object.bin')
  return { url, etag: stat.etag, modified: stat.lastModified.toUTCString() }
}

/** Only a strong ETag holds an `If-Match`, and only of one a weak spelling can be made. */
function needsOf({ name, expected }: (typeof CONDITION_ROWS)[number]): NonNullable<HttpCase['needs']> {
  const isStrong = (name.startsWith('If-Match') && expected !== 'failed') || name.endsWith('made weak')
  return [...(expected === 'part' ? ['ranges' as const] : []), ...(isStrong ? ['strongEtags' as const] : [])]
}

/** Conditional GET (RFC 9110, section 13). */
export const conditionalCases: readonly HttpCase[] = [
  ...CONDITION_ROWS.map(
    (row): HttpCase => ({
      name: `${row.name} is answered with ${EXPECTED[row.expected]}`,
      needs: needsOf(row),
      async run(context) {
        const { url, etag, modified } = await stored(context)
        assertOutcome(await get(context, url, row.fields(etag, modified)), row.expected)
      },
    }),
  ),
  {
    name: 'a 304 carries the validators and cache rules of the 200, and nothing of the body',
    async run(context) {
      const { url, etag } = await stored(context)
      const whole = await get(context, url)
      const reply = await get(context, url, { 'if-none-match': etag })
      for (const name of ['etag', 'last-modified', 'cache-control', 'expires', 'vary']) {
        assert.equal(reply.headers[name], whole.headers[name], name)
      }
      for (const name of ['content-type', 'content-length', 'content-range', 'content-disposition']) {
        assert.equal(reply.headers[name], undefined, name)
      }
    },
  },
]
