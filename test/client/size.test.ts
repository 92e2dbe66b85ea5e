import { describe, expect, it } from 'vitest'
import { bundleClient } from './bundle.js'

const KB = 1000

describe('the size of @latchkey/client, minified and compressed', () => {
  it.each([
    ['all of @latchkey/client', 'index', undefined, 5 * KB],
    ['upload alone', 'index', ['upload'], 5 * KB],
    ['all of @latchkey/client/presign', 'presign', undefined, 10 * KB],
    ['presignUrl alone', 'presign', ['presignUrl'], 10 * KB],
  ] as const)('%s', async (name, entry, exports, limit) => {
    const { code, gzipped } = await bundleClient(entry, exports)
    console.log(`${name}: ${gzipped} bytes gzipped, ${code.length} minified`)
    expect(gzipped).toBeLessThan(limit)
    // Nothing of Node gets into a browser.
    expect(code).not.toMatch(/\bnode:|\bBuffer\b|\bprocess\b/)
  })
})
