import { runHttpCases } from './run-http-cases.js'
import { memoryStorage } from './storages.js'

runHttpCases('memory', memoryStorage)
