import { runHttpSuite } from './run-http-suite.js'
import { flydriveStorage } from './storages.js'

runHttpSuite('flydrive', flydriveStorage)
