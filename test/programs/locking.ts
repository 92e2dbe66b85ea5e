import Database from 'libsql'
import { answerAll, readTask } from './answer.js'

/** Locks the file of a ledger, in the middle of a change that it never ends. */
const { address } = readTask<{ address: string }>()
const database = new Database(address)
database.exec('BEGIN IMMEDIATE')
database.exec("INSERT INTO latchkey_revocations VALUES ('never', 1, 1)")

answerAll(async () => undefined)
