import { describe } from 'vitest'
import { s3Storage } from '../../../test/engines/s3-storage.js'
import { useRadosgw } from '../../../test/engines/use-engine.js'
import { runDriverCases } from './run-driver-cases.js'

describe('s3Driver keeps the contract', () => {
  const radosgw = useRadosgw()
  runDriverCases(() => s3Storage(radosgw(), { ownBucket: true }), 60_000)
})
