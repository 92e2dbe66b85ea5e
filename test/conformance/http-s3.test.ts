import {
  completionCases,
  downloadLimitCases,
  httpCases,
  mintingCases,
  multipartHttpCases,
  revocationCases,
} from '@latchkey/testkit'
import { s3Storage } from '../engines/s3-storage.js'
import { useRadosgw } from '../engines/use-engine.js'
import { runHttpCases } from './run-http-cases.js'

const radosgw = useRadosgw()
const storages = { s3: () => s3Storage(radosgw()) }

runHttpCases('HTTP', httpCases, storages)
runHttpCases('uploads in parts over HTTP', multipartHttpCases, storages)
runHttpCases('completed uploads', completionCases, storages)
runHttpCases('download limits', downloadLimitCases, storages)
runHttpCases('minting', mintingCases, storages)
runHttpCases('revocation', revocationCases, storages)
