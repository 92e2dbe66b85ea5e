import { multipartHttpCases } from '@latchkey/testkit'
import { runHttpCases } from './run-http-cases.js'
import { storages } from './storages.js'

runHttpCases('uploads in parts over HTTP', multipartHttpCases, storages)
