import { httpCases } from '@latchkey/testkit'
import { runHttpCases } from './run-http-cases.js'
import { flydriveStorage } from './storages.js'

runHttpCases('HTTP', httpCases, { flydrive: flydriveStorage })
