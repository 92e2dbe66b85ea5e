import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LatchkeyErrorCode, RevokeOptions, SignedToken, SignedUrl, SigningKey } from '@latchkey/core'
import { send } from '@latchkey/testkit'
import type { Asked, Serving } from '../programs/minting.js'
import { startProgram } from '../programs/program.js'

/** Another process that serves. */
export interface Served {
  readonly origin: string
  sign(
    call: 'signedUrl' | 'signedUploadUrl' | 'signedTreeUrl',
    key: string,
    options?: object,
  ): Promise<SignedUrl>
  delegate(options: object): Promise<SignedToken>
  revoke(what: RevokeOptions): Promise<{ readonly code: string } | undefined>
  reload(keys: readonly SigningKey[]): Promise<{ readonly code: string } | undefined>
  setAhead(ms: number): Promise<void>
}

/** Runs a test over processes that serve one folder, with one SQLite ledger. */
export async function withProcesses(
  keys: readonly (readonly SigningKey[])[],
  use: (...processes: Served[]) => Promise<void>,
  options: Serving['options'] = {},
): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'latchkey-served-'))
  const ledger = join(root, 'ledger.db')
  const started = await Promise.all(
    keys.map((ring) =>
      startProgram('minting', { root: join(root, 'data'), ledger, keys: ring, options } satisfies Serving),
    ),
  )
  try {
    const served = started.map(async ({ ask }): Promise<Served> => {
      const tell = <T>(asked: Asked) => ask<T>(asked)
      return {
        origin: await tell('origin'),
        sign: (call, key, signing = {}) => tell({ call, args: [key, signing] }),
        delegate: (delegation) => tell({ call: 'issueSignedToken', args: [delegation] }),
        revoke: (what) => tell({ call: 'revoke', args: [what] }),
        reload: (ring) => tell({ reload: ring }),
        setAhead: (ahead) => tell({ ahead }),
      }
    })
    await use(...(await Promise.all(served)))
  } finally {
    await Promise.all(started.map(({ kill }) => kill()))
    await rm(root, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** The status of an answer, or its code where it is a refusal. */
export async function answerOf(
  { origin }: Served,
  url: string,
  method = 'GET',
  body?: string,
): Promise<number | LatchkeyErrorCode> {
  const headers = {
    accept: 'application/json',
    ...(method === 'POST' && { 'content-type': 'application/json' }),
  }
  const reply = await send(origin, url, { method, headers, ...(body !== undefined && { body }) })
  return reply.status < 400 ? reply.status : JSON.parse(reply.body.toString()).code
}

/** The JSON of an answer. */
export async function jsonOf(
  { origin }: Served,
  url: string,
  method: string,
): Promise<Record<string, string>> {
  const reply = await send(origin, url, { method, headers: { accept: 'application/json' } })
  return JSON.parse(reply.body.toString())
}
