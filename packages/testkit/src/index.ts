export { completionCases } from './completion-cases/index.js'
export { downloadLimitCases } from './download-limit-cases/index.js'
export { type DriverCase, type DriverCaseContext, type DriverNeed, missingNeeds } from './driver-case.js'
export { driverCases } from './driver-cases/index.js'
export {
  CASE_KEY,
  CASE_MOUNT,
  type CaseClock,
  type CaseStorage,
  type Host,
  type HttpCase,
  type HttpCaseContext,
  type HttpCaseSetup,
  type RunningHost,
  runHttpCase,
} from './http-case.js'
export { httpCases } from './http-cases/index.js'
export { plainHost } from './http-cases/plain-host.js'
export { RawConnection } from './http-cases/raw-connection.js'
export {
  type ClientFields,
  type ClientReply,
  type ClientRequestOptions,
  send,
} from './http-client.js'
export {
  type LedgerCase,
  type LedgerCaseContext,
  type LedgerClock,
  type LedgerEngine,
  type LedgerNeed,
  type LedgerProcess,
  type LossyLedger,
  missingLedgerNeeds,
} from './ledger-case.js'
export { ledgerCases } from './ledger-cases/index.js'
export { mintingCases } from './minting-cases/index.js'
export { multipartCases } from './multipart-cases/index.js'
export { multipartHttpCases } from './multipart-http-cases/index.js'
export { revocationCases } from './revocation-cases/index.js'
