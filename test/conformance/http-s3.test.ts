import {
  completionCases,
  downloadLimitCases,
  httpCases,
  mintingCases,
  multipartHttpCases,
} from '@latchkey/testkit'
import { s3Storage } from '../engines/s3-storage.js'
import { useRadosgw } from '../engines/use-engine.js'
import { hosts } from '../hosts/index.js'
import { runHttpCases } from './run-http-cases.js'

const radosgw = useRadosgw()
const storages = { s3: () => s3Storage(radosgw()) }
// What the hosts have to do with these is shown over other storages; over this one they would take twice the time.
const { express } = hosts
const one = { ...(express !== undefined && { express }) }

runHttpCases('HTTP', httpCases, storages)
runHttpCases('uploads in parts over HTTP', multipartHttpCases, storages, one)
runHttpCases('completed uploads', completionCases, storages, one)
runHttpCases('download limits', downloadLimitCases, storages, one)
runHttpCases('minting', mintingCases, storages, one)
