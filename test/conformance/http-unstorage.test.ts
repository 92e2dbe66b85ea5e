import { runHttpSuite } from './run-http-suite.js'
import { unstorageStorage } from './storages.js'

runHttpSuite('unstorage', unstorageStorage)
