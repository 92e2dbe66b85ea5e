import { httpCases } from '@latchkey/testkit'
import { runHttpCases } from './run-http-cases.js'
import { unstorageStorage } from './storages.js'

runHttpCases('HTTP', httpCases, { unstorage: unstorageStorage })
