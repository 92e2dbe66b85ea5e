import {
  type CaseStorage,
  completionCases,
  downloadLimitCases,
  type HttpCase,
  httpCases,
  mintingCases,
  multipartHttpCases,
  revocationCases,
} from '@latchkey/testkit'
import { runHttpCases } from './run-http-cases.js'

const SUITE = {
  HTTP: httpCases,
  'uploads in parts over HTTP': multipartHttpCases,
  'completed uploads': completionCases,
  'download limits': downloadLimitCases,
  minting: mintingCases,
  revocation: revocationCases,
}

/** Runs all HTTP cases that there are, or those chosen, in every host over a storage. */
export function runHttpSuite(
  name: string,
  openStorage: () => Promise<CaseStorage>,
  isChosen: (httpCase: HttpCase) => boolean = () => true,
): void {
  for (const [title, cases] of Object.entries(SUITE)) {
    const chosen = cases.filter(isChosen)
    if (chosen.length > 0) runHttpCases(title, chosen, { [name]: openStorage })
  }
}
