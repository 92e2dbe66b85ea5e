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

/** One block of a chain, and what follows from it. */
export interface ForgedLink {
  readonly text: string
  readonly covered: string
  /** base64url of m(i). */
  readonly mac: string
  /** What a download limit of this block counts under. */
  readonly downloadId: string
}

/** The MACs of a chain of any blocks, well-formed or not. */
export function chain(
  blocks: readonly ForgedBlock[],
  { kid = '2026-11', audience = AUDIENCE, key = KEY }: Forging = {},
): ForgedLink[] {
  const links: ForgedLink[] = []
  let secret: Buffer | string = SECRETS[kid]
  for (const [at, given] of blocks.entries()) {
    const [text, covered] = typeof given === 'string' ? [given, key] : given
    const opening = at === 0 ? `latchkey1\n${audience}\n${kid}.` : ''
    secret = createHmac('sha256', secret).update(`${opening}${text}\n${covered}`).digest()
    const downloadId = createHmac('sha256', secret).update('latchkey1 download id').digest('base64url')
    links.push({ text, covered, mac: secret.toString('base64url'), downloadId: downloadId.slice(0, 22) })
  }
  return links
}

/** A token of any blocks, well-formed or not, with a MAC that holds. */
export function forge(blocks: readonly ForgedBlock[], forging: Forging = {}): string {
  const links = chain(blocks, forging)
  return [forging.kid ?? '2026-11', ...links.map(({ text }) => text), links.at(-1)?.mac].join('.')
}

/** base64url of a text's UTF-8. */
export function b64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url')
}
