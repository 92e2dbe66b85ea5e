import type { Operation } from '@latchkey/core/token'
import { AUDIENCE, b64, chain, END, type ForgedBlock, type ForgedLink, KEY, NOW, SECRETS } from './forge.js'

/** A token that was narrowed block by block, with the MAC of each: what a minter and a holder compute. */
export interface ChainCase {
  readonly name: string
  readonly kid: keyof typeof SECRETS
  readonly secret: string
  readonly audience: string
  readonly key: string
  readonly operation: Operation
  /** Milliseconds since the epoch. */
  readonly now: number
  /** The token up to a block is kid, blocks and that block's `mac`, joined by dots. */
  readonly chain: readonly ForgedLink[]
}

function made(
  name: string,
  blocks: readonly ForgedBlock[],
  { key = KEY, operation = 'get' }: { key?: string; operation?: Operation } = {},
): ChainCase {
  const kid = '2026-11'
  const common = { name, kid, secret: SECRETS[kid], audience: AUDIENCE, key, operation, now: NOW } as const
  return { ...common, chain: chain(blocks, { kid, key }) }
}

const ID = 'AAECAwQFBgcICQoL'
const OTHER_ID = 'CwoJCAcGBQQDAgEA'

export const CHAIN_CASES: readonly ChainCase[] = [
  made('a URL', [`e${END}~ogh`]),
  made('a URL for one download', [`e${END}~i${ID}~l1~ogh`]),
  made('a URL, narrowed by its holder', [`e${END}~ogh`, [`e${END - 60}~i${ID}~l1~p0`, '']]),
  made('a URL for downloads, narrowed twice', [
    `e${END}~i${ID}~l9~ogh`,
    [`i${OTHER_ID}~l3~p0`, ''],
    [`e${END - 60}~og~p0`, ''],
  ]),
  made('a delegation to read, a URL made with it', [[`e${END}~ogh~p13`, 'reports/2026/'], `e${END - 60}~og`]),
  made(
    'a delegation to upload, a URL made with it, narrowed by its holder',
    [
      [`a${b64('image/*')}~e${END}~m5242880~op~p8~w1`, 'reports/'],
      `a${b64('image/png')}~e${END - 60}~m1048576~op~w0`,
      [`e${END - 90}~p0~v0`, ''],
    ],
    { operation: 'put' },
  ),
  made(
    'a delegation for downloads, a URL that counts apart',
    [[`e${END}~i${ID}~l100~og~p0`, ''], `e${END - 60}~i${OTHER_ID}~l1~og`],
    { key: 'übung/日本/📎 a+b%2F.txt' },
  ),
  made('a delegation with overrides, a URL that is saved under a name', [
    [`e${END}~og~p13~x1`, 'reports/2026/'],
    `d${b64('aÜbersicht.pdf')}~e${END - 60}~og`,
  ]),
  made('a delegation that can be revoked, a URL that can be revoked alone', [
    [`e${END}~g1795280000~i${ID}~ogh~p13`, 'reports/2026/'],
    `e${END - 60}~i${OTHER_ID}~og`,
  ]),
  made(
    'a delegation, an upload in parts, one part',
    [[`e${END}~op~p8`, 'reports/'], `e${END - 60}~op~t${b64('Up-1')}`, [`p0~t${b64('Up-1:3')}`, '']],
    { operation: 'put' },
  ),
]
