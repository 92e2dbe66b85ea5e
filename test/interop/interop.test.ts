import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  attenuate,
  createKeyRing,
  type GrantFields,
  mint,
  narrow,
  type PortableSignedToken,
  presignUrl,
  type Scope,
  verify,
} from '@latchkey/core/token'
import { describe, expect, type TestContext, test } from 'vitest'
import { needProgram } from '../need-program.js'
import { findPython } from '../python.mjs'
import { AUDIENCE, b64, END, KEY, NOW, SECRETS } from '../vectors/forge.js'

const kid = '2026-11'
const keys = createKeyRing([{ id: kid, secret: SECRETS[kid] }])
const request = {
  audience: AUDIENCE,
  key: KEY,
  operation: 'get',
  now: NOW,
  enforces: ['confirm', 'downloads', 'pin'],
  isRevoked: () => false,
} as const
const python = findPython()

function needPython(context: TestContext): void {
  needProgram('Python', python, context)
}

function ask(requests: readonly object[]): unknown[] {
  const script = fileURLToPath(new URL('answer.py', import.meta.url))
  const input = requests.map((each) => JSON.stringify(each)).join('\n')
  const command = 'path' in python ? python.path : 'python3'
  const { status, stdout, stderr } = spawnSync(command, ['-B', script], { input, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return stdout
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
}

function vectorsOf(file: string) {
  return JSON.parse(readFileSync(new URL(`../vectors/${file}`, import.meta.url), 'utf8'))
}

describe('a second implementation, in Python', () => {
  test('gives every token vector the same answer, and the same grant', (context) => {
    needPython(context)
    const file = vectorsOf('tokens.json')
    expect(file.vectors.length).toBeGreaterThan(100)
    const answers = ask(file.vectors.map((vector: object) => ({ ...vector, do: 'verify', keys: file.keys })))
    for (const [at, { name, code, grant }] of file.vectors.entries()) {
      expect({ name, ...(answers[at] as object) }).toEqual(grant ? { name, code, grant } : { name, code })
    }
  })

  test('gives every path vector the same answer', (context) => {
    needPython(context)
    const { vectors } = vectorsOf('paths.json')
    const answers = ask(vectors.map((vector: object) => ({ ...vector, do: 'decode' })))
    for (const [at, { path, key }] of vectors.entries()) {
      expect({ path, ...(answers[at] as object) }).toEqual({ path, key })
    }
  })

  test('gives every request to a signed route the same answer', (context) => {
    needPython(context)
    const { vectors, keys, audience } = vectorsOf('routes.json')
    expect(vectors.length).toBeGreaterThan(40)
    const answers = ask(vectors.map((vector: object) => ({ ...vector, do: 'verify_route', keys, audience })))
    for (const [at, { name, code }] of vectors.entries()) {
      expect({ name, ...(answers[at] as object) }).toEqual({ name, code })
    }
  })

  test('mints and narrows tokens that verify here', async (context) => {
    needPython(context)
    const chains = [
      [{ text: `e${END}~og`, covered: KEY }],
      [{ text: `e${END}~ogh~p13`, covered: 'reports/2026/' }],
      [
        { text: `d${b64('aÜbersicht.pdf')}~e${END}~ogh~p0~x1`, covered: '' },
        { text: 'm5~p8~x1', covered: 'reports/' },
        { text: `h${b64('x-robots-tag: none')}~n0~og`, covered: KEY },
      ],
    ]
    const minted = { do: 'mint', kid, secret: SECRETS[kid], audience: AUDIENCE }
    for (const answer of ask(chains.map((blocks) => ({ ...minted, blocks })))) {
      const { token } = answer as { token: string }
      expect(await verify({ ...request, keys, token }), token).toMatchObject({ ok: true })
    }
  })

  test('verifies tokens that were minted and narrowed here', async (context) => {
    needPython(context)
    const first: [Scope, GrantFields][] = [
      [{ key: KEY }, { expires: END, operations: ['get'] }],
      [{ prefix: '' }, { expires: END, operations: ['put', 'get'], allowedTypes: [], overrides: true }],
      [
        { prefix: 'reports/' },
        { expires: END, operations: ['get'], ifMatch: '"a"', payload: 'ü\n', subject: '📎' },
      ],
    ]
    const tokens: string[] = []
    for (const [scope, fields] of first) {
      const token = await mint({ keys, audience: AUDIENCE, scope, fields })
      tokens.push(token, await attenuate(token, { fields: { expires: END - 60, maxSize: 5 } }))
      tokens.push(await attenuate(token, { scope: { key: KEY }, fields: { notBefore: 1 } }))
    }
    const secrets = [{ id: kid, secret: SECRETS[kid] }]
    const answers = ask(tokens.map((token) => ({ ...request, do: 'verify', keys: secrets, token })))
    for (const [at, token] of tokens.entries()) {
      const here = await verify({ ...request, keys, token })
      expect(answers[at]).toEqual({ code: 'ok', grant: here.ok ? here.grant : undefined })
    }
  })

  test('computes the MACs and ids of every chain vector', (context) => {
    needPython(context)
    const { vectors } = vectorsOf('chains.json')
    const answers = ask(vectors.map((vector: object) => ({ ...vector, do: 'chain' })))
    for (const [at, { name, chain }] of vectors.entries()) {
      const macs = chain.map(({ mac }: { mac: string }) => mac)
      const ids = chain.map(({ downloadId }: { downloadId: string }) => downloadId)
      expect({ name, ...(answers[at] as object) }).toEqual({ name, macs, ids })
    }
  })

  test('signs with a delegation that was issued here, and narrows URLs that were signed here', async (context) => {
    needPython(context)
    const token = await delegation()
    const text = `e${END - 60}~ogh`
    const here = await presignUrl(token, { operation: 'get', key: KEY, maxDownloads: 2, now: () => NOW })
    const [presigned, narrowed] = ask([
      { ...token, do: 'presign', text, covered: KEY },
      { do: 'narrow', url: `${here.url}&a=b`, text: `e${END - 90}~l1~p0` },
    ]) as [{ token: string }, { url: string }]
    expect(await verify({ ...request, keys, token: presigned.token })).toMatchObject({
      ok: true,
      grant: { scope: { key: KEY }, expiresAt: END - 60 },
    })
    expect(narrowed.url.endsWith('&a=b')).toBe(true)
    expect(await verify({ ...request, keys, token: tokenOf(narrowed.url) })).toMatchObject({
      ok: true,
      grant: { expiresAt: END - 90, downloadLimits: [{ limit: 2 }, { limit: 1 }] },
    })
  })

  test('verifies what was signed with a delegation here, and narrowed here', async (context) => {
    needPython(context)
    const signed = await presignUrl(await delegation(), { operation: 'get', key: KEY, now: () => NOW })
    const narrowed = await narrow(signed.url, { maxDownloads: 1, expiresIn: 60, now: () => NOW })
    const secrets = [{ id: kid, secret: SECRETS[kid] }]
    const tokens = [signed.url, narrowed.url].map(tokenOf)
    const answers = ask(tokens.map((token) => ({ ...request, do: 'verify', keys: secrets, token })))
    for (const [at, token] of tokens.entries()) {
      const here = await verify({ ...request, keys, token })
      expect(answers[at]).toEqual({ code: 'ok', grant: here.ok ? here.grant : undefined })
    }
  })
})

async function delegation(): Promise<PortableSignedToken> {
  const scope = { prefix: 'reports/' }
  const token = await mint({
    keys,
    audience: AUDIENCE,
    scope,
    fields: { expires: END, operations: ['get', 'head'] },
  })
  return {
    delegationToken: token.slice(0, -44),
    clientSigningToken: token.slice(-43),
    baseUrl: AUDIENCE,
    scope,
  }
}

function tokenOf(url: string): string {
  return /[?&]token=([^&#]*)/.exec(url)?.[1] ?? ''
}
