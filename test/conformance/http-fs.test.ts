import { httpCases } from '@latchkey/testkit'
import { runHttpCases } from './run-http-cases.js'
import { fsStorage } from './storages.js'

runHttpCases('HTTP', httpCases, { fs: fsStorage })
