import {
  createLatchkey,
  type Latchkey,
  type LatchkeyOptions,
  type Ledger,
  type Revocation,
} from '../../src/index.js'
import { storageOf } from '../minting/mount.js'
import { openLedger } from '../minting/open-ledger.js'

export const NOW = Date.UTC(2026, 0, 2, 3, 4, 5) + 678
/** `NOW` in whole seconds. */
export const SECOND = Math.floor(NOW / 1000)
export const KEYS = [{ id: 'k1', secret: 's'.repeat(32) }]

/** What a ledger was told to revoke. */
export interface Told extends Revocation {
  /** Less what is the mount's. */
  readonly names: readonly string[]
}

/** A Latchkey whose ledger writes down what it is told. */
export function mount(options: Partial<LatchkeyOptions> = {}): { files: Latchkey; told: Told[] } {
  const told: Told[] = []
  const ledger: Ledger = {
    ...openLedger,
    async revoke(names, revocation) {
      told.push({ names: names.map((name) => name.slice(23)), ...revocation })
    },
  }
  const files = createLatchkey({
    baseUrl: 'https://app.example.com/files',
    keys: KEYS,
    storage: storageOf('a.txt'),
    ledger,
    now: () => NOW,
    ...options,
  })
  return { files, told }
}
