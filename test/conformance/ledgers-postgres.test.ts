import { ledgerServers } from './ledger-servers.js'
import { runServerCases } from './run-server-cases.js'

runServerCases('postgres', ledgerServers.postgres)
