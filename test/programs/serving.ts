import { createLatchkey } from '@latchkey/core'
import { fsDriver } from '@latchkey/drivers/fs'
import { CASE_KEY, CASE_MOUNT } from '@latchkey/testkit'
import { openLedger } from '../conformance/open-ledger.js'
import { hosts } from '../hosts/index.js'
import { answerAll, readTask } from './answer.js'

/** Serves the files of a folder in one of the hosts, and says where. */
const { host, root, name, address } = readTask<{
  host: string
  root: string
  name: string
  address: string
}>()
const { ledger } = await openLedger(name, address)
const files = createLatchkey({
  baseUrl: CASE_MOUNT,
  keys: [CASE_KEY],
  storage: fsDriver({ root }),
  ledger,
  // The client is told, too.
  onError: () => {},
})
const running = await hosts[host]?.start(files, CASE_MOUNT)

answerAll(async () => undefined, running?.origin)
