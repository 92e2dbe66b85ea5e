import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROOT } from './markdown.js'
import { run } from './workshop.js'

const FOLDER = fileURLToPath(new URL('.declarations/', import.meta.url))

/** What a table says of the properties of a type. */
export interface Documented {
  /** The expression that stands for the type, given the imports below. */
  readonly type: string
  /** The name of each property, and whether it must be given. */
  readonly properties: ReadonlyMap<string, 'required' | 'optional'>
}

const PREAMBLE = `
import type { MultipartUploadOptions, RetryOptions, UploadOptions as ClientOptions } from '@latchkey/client'
import type { CompletedUpload, CookieOptions, DelegationOptions, DriverCapabilities, LatchkeyErrorCode, LatchkeyOptions, MintedEvent, RateLimit, ReceivedEvent, RefusedEvent, RemovedEvent, RevokeOptions, RouteUrlOptions, ServedEvent, SigningKey, TreeUrlOptions, UploadOptions, UploadWebhookOptions, UrlOptions } from '@latchkey/core'
import type { NarrowOptions, PresignOptions } from '@latchkey/core/token'
import type { FlydriveDriverOptions } from '@latchkey/drivers/flydrive'
import type { FlystorageDriverOptions } from '@latchkey/drivers/flystorage'
import type { UnstorageDriverOptions } from '@latchkey/drivers/unstorage'
import type { FsDriverOptions } from '@latchkey/drivers/fs'
import type { MemoryDriverOptions } from '@latchkey/drivers/memory'
import type { S3DriverOptions } from '@latchkey/drivers/s3'
import type { MemoryLedgerOptions } from '../../../packages/ledgers/dist/memory/index.js'
import type { PostgresLedgerOptions } from '../../../packages/ledgers/dist/postgres/index.js'
import type { RedisLedgerOptions } from '../../../packages/ledgers/dist/redis/index.js'
import type { SqliteLedgerOptions } from '../../../packages/ledgers/dist/sqlite/index.js'
export type Used = [ClientOptions, CompletedUpload, CookieOptions, DelegationOptions, MemoryLedgerOptions, MultipartUploadOptions, NarrowOptions, PresignOptions, RateLimit, RetryOptions, PostgresLedgerOptions, RedisLedgerOptions, SqliteLedgerOptions, UploadWebhookOptions, DriverCapabilities, LatchkeyErrorCode, LatchkeyOptions, MintedEvent, ReceivedEvent, RefusedEvent, RemovedEvent, RevokeOptions, RouteUrlOptions, ServedEvent, SigningKey, TreeUrlOptions, UploadOptions, UrlOptions, FlydriveDriverOptions, FlystorageDriverOptions, UnstorageDriverOptions, FsDriverOptions, MemoryDriverOptions, S3DriverOptions]
export type Documented<T> = { [K in keyof T]-?: {} extends Pick<T, K> ? 'optional' : 'required' }
`

/**
 * Has the compiler hold tables against the declarations: every property of a type is in its table, and the reverse.
 *
 * @returns what it found, in its words
 */
export async function compareWithDeclarations(tables: readonly Documented[]): Promise<string> {
  const checks = tables.map(({ type, properties }, at) => {
    const literal = JSON.stringify(Object.fromEntries(properties))
    return `export const table${at}: Documented<${type}> = ${literal}`
  })
  rmSync(FOLDER, { recursive: true, force: true })
  mkdirSync(FOLDER)
  writeFileSync(join(FOLDER, 'tables.ts'), PREAMBLE + checks.join('\n'))
  const project = join(FOLDER, 'tsconfig.json')
  const base = join(ROOT, 'tsconfig.base.json')
  const compilerOptions = {
    composite: false,
    incremental: false,
    noEmit: true,
    lib: ['ES2023', 'DOM', 'DOM.Iterable'],
  }
  writeFileSync(project, JSON.stringify({ extends: base, compilerOptions, files: ['tables.ts'] }))
  const { output } = await run(
    join(ROOT, 'node_modules/.bin/tsc'),
    ['-p', project, '--pretty', 'false'],
    ROOT,
  )
  return output
}
