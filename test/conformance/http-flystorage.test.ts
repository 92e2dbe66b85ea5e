import { httpCases } from '@latchkey/testkit'
import { runHttpCases } from './run-http-cases.js'
import { flystorageStorage } from './storages.js'

runHttpCases('HTTP', httpCases, { flystorage: flystorageStorage })
