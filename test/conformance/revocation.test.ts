import { revocationCases } from '@latchkey/testkit'
import { runHttpCases } from './run-http-cases.js'
import { storages } from './storages.js'

runHttpCases('revocation', revocationCases, storages)
