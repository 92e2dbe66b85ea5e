import { runHttpCases } from './run-http-cases.js'
import { fsStorage } from './storages.js'

runHttpCases('fs', fsStorage)
