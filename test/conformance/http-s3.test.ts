import { s3Storage } from '../engines/s3-storage.js'
import { useRadosgw } from '../engines/use-engine.js'
import { runHttpSuite } from './run-http-suite.js'

const radosgw = useRadosgw()

runHttpSuite('s3', () => s3Storage(radosgw()))

// A prefix takes bytes from the longest key, so these want a bucket each.
const wantsEveryKey = (needs: readonly string[] = []) => needs.includes('everyKey')
runHttpSuite(
  's3 without a prefix',
  () => s3Storage(radosgw(), { ownBucket: true }),
  ({ needs }) => wantsEveryKey(needs),
)
