import { createLatchkey, LatchkeyError, type LatchkeyOptions, type SigningKey } from '@latchkey/core'
import { fsDriver } from '@latchkey/drivers/fs'
import { openLedger } from '../conformance/open-ledger.js'
import { expressHost } from '../hosts/express.js'
import { answerAll, readTask } from './answer.js'

/** What the program serves. */
export interface Serving {
  /** The folder of the objects. */
  readonly root: string
  readonly keys: readonly SigningKey[]
  /** The path of an SQLite file, which makes the ledger. */
  readonly ledger?: string
  readonly options?: Pick<LatchkeyOptions, 'expiry' | 'multipart' | 'revocable'>
}

/** What it is asked: where it is, a call of its Latchkey, to reload its keys, or to set its clock ahead. */
export type Asked =
  | 'origin'
  | {
      readonly call: 'signedUrl' | 'signedUploadUrl' | 'signedTreeUrl' | 'issueSignedToken' | 'revoke'
      readonly args: readonly unknown[]
    }
  | { readonly reload: readonly SigningKey[] }
  | { readonly ahead: number }

/** Mints, revokes and changes its keys as it is told, and serves a folder at `/files`. */
const { root, keys, ledger: file, options } = readTask<Serving>()
let ahead = 0
const now = () => Date.now() + ahead
const opened = file === undefined ? undefined : await openLedger('sqlite', file, now)
const files = createLatchkey({
  baseUrl: '/files',
  keys,
  storage: fsDriver({ root }),
  ...(opened !== undefined && { ledger: opened.ledger }),
  ...options,
  now,
})
const { origin } = await expressHost.start(files, '/files')

answerAll(async (asked: Asked) => {
  try {
    if (asked === 'origin') return origin
    if ('ahead' in asked) ahead = asked.ahead
    else if ('reload' in asked) files.keys.reload(asked.reload)
    else return await Reflect.apply(files[asked.call], files, asked.args)
    return undefined
  } catch (error) {
    return { code: error instanceof LatchkeyError ? error.code : String(error) }
  }
})
