import { runHttpSuite } from './run-http-suite.js'
import { flystorageStorage } from './storages.js'

runHttpSuite('flystorage', flystorageStorage)
