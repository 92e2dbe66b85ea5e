import { createHmac } from 'node:crypto'

// Makes tokens by hand, with nothing of the implementation, so that the vectors do not only repeat what it does.

export const AUDIENCE = 'https://app.example.com/files'
export const KEY = 'reports/2026/q3.pdf'
export const NOW = 1_795_280_000_000
/** An hour after `NOW`, in seconds. */
export const END = 1_795_283_600

export const SECRETS = {
  '2026-11': 'active-secret-of-the-vectors-0123456789',
  '2025-04': 'retired-secret-of-the-vectors-0123456789',
  removed: 'removed-secret-of-the-vectors-0123456789',
} as const

/** A block, and the text its MAC covers: the key, unless told. */
export type ForgedBlock = string | readonly [block: string, covered: string]

export interface Forging {
  readonly kid?: keyof typeof SECRETS
  readonly audience?: string
  readonly key?: string
}

/** A token of any blocks, well-formed or not, with a MAC that holds. */
export function forge(
  blocks: readonly ForgedBlock[],
  { kid = '2026-11', audience, key }: Forging = {},
): string {
  const texts: string[] = []
  let mac: Buffer | string = SECRETS[kid]
  for (const [at, given] of blocks.entries()) {
    const [block, covered] = typeof given === 'string' ? [given, key ?? KEY] : given
    const opening = at === 0 ? `latchkey1\n${audience ?? AUDIENCE}\n${kid}.` : ''
    mac = createHmac('sha256', mac).update(`${opening}${block}\n${covered}`).digest()
    texts.push(block)
  }
  return `${kid}.${texts.join('.')}.${Buffer.from(mac).toString('base64url')}`
}

/** base64url of a text's UTF-8. */
export function b64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url')
}
