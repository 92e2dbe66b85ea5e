import { httpCases } from '@latchkey/testkit'
import { runHttpCases } from './run-http-cases.js'
import { memoryStorage } from './storages.js'

runHttpCases('HTTP', httpCases, { memory: memoryStorage })
