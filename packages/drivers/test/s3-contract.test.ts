import { describe } from 'vitest'
import { s3Storage } from '../../../test/engines/s3-storage.js'
import { useRadosgw } from '../../../test/engines/use-engine.js'
import { runDriverCases } from './run-driver-cases.js'

describe('s3Driver keeps the contract', () => {
  const radosgw = useRadosgw()
  runDriverCases(() => s3Storage(radosgw(), { ownBucket: true }), {
    timeout: 60_000,
    // Radosgw 16 may take a conditional and an unconditional write at once, and keep the one whose condition did not hold.
    retries: { 'flips and overwrites at once never mix two versions': 4 },
  })
})
