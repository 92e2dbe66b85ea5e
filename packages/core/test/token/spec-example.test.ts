import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { FIELDS } from '../../src/token/fields.js'
import { attenuate, createKeyRing, mint, verify } from '../../src/token/index.js'

const spec = readFileSync(new URL('../../../../SPEC.md', import.meta.url), 'utf8')

test('the example of SPEC.md is what this implementation mints', async () => {
  const secret = 'latchkey-example-secret-not-for-use-00'
  const token = await mint({
    keys: createKeyRing([{ id: '2026-11', secret }]),
    audience: 'https://app.example.com/files',
    scope: { prefix: 'reports/2026/' },
    fields: { expires: 1_795_284_000, operations: ['get', 'head'] },
  })
  const narrowed = await attenuate(token, {
    scope: { key: 'reports/2026/q3.pdf' },
    fields: { expires: 1_795_280_400, operations: ['get'] },
  })
  const limited = await attenuate(narrowed, { fields: { id: 'AAECAwQFBgcICQoL', maxDownloads: 1 } })
  const result = await verify({
    keys: createKeyRing([{ id: '2026-11', secret }]),
    audience: 'https://app.example.com/files',
    token: limited,
    key: 'reports/2026/q3.pdf',
    operation: 'get',
    now: 1_795_280_000_000,
    enforces: ['downloads'],
  })
  const [limit] = result.ok ? result.grant.downloadLimits : []
  expect(spec).toContain(`\n${limited}\n`)
  expect(spec).toContain(`under \`${limit?.id}\`, until ${limit?.expiresAt}.`)
  expect(spec).toContain(`Secret, as ASCII: \`${secret}\``)
  expect(spec).toContain(`\n${token}\n`)
  expect(spec).toContain(`\n${narrowed}\n`)
})

test('SPEC.md registers the letters of the table, and no others', () => {
  const places: Record<string, string> = {}
  for (const [, letter = '', place = ''] of spec.matchAll(
    /^\| `([a-z])` +\|[^|]*\|[^|]*\| (any|first|limiting|presentation) +\|/gm,
  )) {
    places[letter] = place
  }
  expect(places).toEqual(Object.fromEntries(FIELDS.map(({ letter, place }) => [letter, place])))
})
