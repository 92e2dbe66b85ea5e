import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3'
import { type S3DriverOptions, s3Driver } from '@latchkey/drivers/s3'
import type { DriverCaseContext } from '@latchkey/testkit'
import type { Engine } from './engine.js'
import { s3Client } from './s3-client.js'

const BUCKET = 'cases'

/** How a storage is opened. */
export interface S3StorageOptions extends Partial<S3DriverOptions> {
  /** A bucket of its own rather than a prefix in the one of all. It takes longer. */
  readonly ownBucket?: boolean
}

/** An empty part of a bucket, under a prefix of its own. */
export interface S3Storage extends Required<DriverCaseContext> {
  readonly client: S3Client
  readonly bucket: string
  readonly prefix: string
  names(below?: string): Promise<string[]>
  leftovers(): Promise<string[]>
  /** Removes what is there. */
  close(): Promise<void>
}

const clients = new WeakMap<Engine, Promise<S3Client>>()
let opened = 0

/** Opens an empty part of the engine's one bucket: making a bucket takes longer than most cases. */
export async function s3Storage(
  engine: Engine,
  { ownBucket = false, ...options }: S3StorageOptions = {},
): Promise<S3Storage> {
  let ready = clients.get(engine)
  if (ready === undefined) {
    ready = newClient(engine)
    clients.set(engine, ready)
  }
  const client = await ready
  const name = `case-${opened++}`
  const [bucket, prefix] = ownBucket ? [name, ''] : [BUCKET, `${name}/`]
  if (ownBucket) await client.send(new CreateBucketCommand({ Bucket: bucket }))
  const settings = { client, bucket, prefix, ...options }
  const driver = s3Driver(settings)
  const names = (below = '') => namesBelow(client, bucket, prefix, below)
  return {
    client,
    bucket,
    prefix,
    driver,
    names,
    reopen: async () => s3Driver(settings),
    leftovers: async () => [
      ...(await uploadsBelow(client, bucket, prefix)),
      ...scratchIn(await names('.latchkey/')),
    ],
    async close() {
      const left = await names()
      await Promise.all(
        left.map((name) => client.send(new DeleteObjectCommand({ Bucket: bucket, Key: prefix + name }))),
      )
    },
  }
}

async function newClient(engine: Engine): Promise<S3Client> {
  const client = s3Client(engine.url)
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }))
  return client
}

/** The names below a prefix, without it. */
async function namesBelow(
  client: S3Client,
  bucket: string,
  prefix: string,
  below: string,
): Promise<string[]> {
  const names: string[] = []
  const place = { Bucket: bucket, Prefix: prefix + below }
  for await (const page of paginateListObjectsV2({ client }, place)) {
    for (const { Key = '' } of page.Contents ?? []) names.push(Key.slice(prefix.length))
  }
  return names
}

/** Uploads of the store itself that were neither completed nor aborted. */
async function uploadsBelow(client: S3Client, bucket: string, prefix: string): Promise<string[]> {
  const place = { Bucket: bucket, Prefix: prefix }
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand(place))
  return Uploads.map(({ Key }) => `unfinished upload of ${Key}`)
}

/** Scratch objects, and bytes of parts that no list names. */
function scratchIn(names: readonly string[]): string[] {
  return names.filter((name) => {
    const [, uploads, upload, kind, entry = ''] = name.split('/')
    if (uploads !== 'uploads') return true
    const listed = () =>
      names.some((other) => other.startsWith(`.latchkey/uploads/${upload}/s/p`) && other.includes(entry))
    return kind === 'd' && !listed()
  })
}
