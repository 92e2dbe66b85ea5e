import { httpCases } from '@latchkey/testkit'
import { honoWebStreamHost } from '../hosts/hono.js'
import { hosts } from '../hosts/index.js'
import { runHttpCases } from './run-http-cases.js'
import { fsStorage } from './storages.js'

runHttpCases('HTTP', httpCases, { fs: fsStorage }, { ...hosts, honoWebStreamHost })
