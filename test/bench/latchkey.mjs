import { createLatchkey } from '@latchkey/core'

/**
 * The Latchkey of the benchmark over some storage. What one process mints opens in another, so that no server is measured
 * with what the minting of thousands of URLs has left in its memory.
 *
 * @param {import('@latchkey/core').StorageDriver} storage
 * @param {Partial<import('@latchkey/core').LatchkeyOptions>} [options]
 */
export const latchkeyOver = (storage, options) =>
  createLatchkey({
    baseUrl: '/files',
    keys: [{ id: 'k1', secret: 'a secret of the benchmark, of 32 bytes' }],
    storage,
    maxUploadSize: '5gb',
    ...options,
  })
