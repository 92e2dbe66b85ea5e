import { PutObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3'
import { LatchkeyError, type PresignedWrite } from '@latchkey/core'
import type { S3Presigner } from '../presigning.js'
import type { S3Settings } from '../settings.js'

/** What a URL is good for. */
export interface WriteTarget {
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Seconds. */
  readonly expiresIn: number
}

/** The metadata that a body in one piece is known by. */
export const BODY_MARK = 'latchkey-upload'

/**
 * A URL for one piece. What a store must not take unsigned, and takes, is signed with it: a copy that is made instead then has
 * the metadata of its source, and not this mark.
 */
export async function presignPut(
  getSignedUrl: S3Presigner,
  settings: S3Settings,
  { name, size, expiresIn }: WriteTarget,
  contentType: string,
  mark: string | undefined,
): Promise<PresignedWrite> {
  const headers = {
    'content-type': contentType,
    ...(mark !== undefined && {
      [`x-amz-meta-${BODY_MARK}`]: mark,
      'x-amz-metadata-directive': 'COPY',
      'x-amz-acl': 'private',
    }),
  }
  const command = new PutObjectCommand({ Bucket: settings.bucket, Key: name, ContentLength: size })
  command.middlewareStack.add(
    (next) => (args) => {
      announce(args.request, headers, size)
      return next(args)
    },
    BEFORE_SIGNING,
  )
  const url = await getSignedUrl(settings.client, command, signing(expiresIn, headers))
  return checked(url, headers, size)
}

/** A URL for a part of an upload of the store's own. */
export async function presignPart(
  getSignedUrl: S3Presigner,
  settings: S3Settings,
  { name, size, expiresIn }: WriteTarget,
  UploadId: string,
  PartNumber: number,
): Promise<PresignedWrite> {
  const part = { Bucket: settings.bucket, Key: name, UploadId, PartNumber, ContentLength: size }
  const command = new UploadPartCommand(part)
  command.middlewareStack.add(
    (next) => (args) => {
      announce(args.request, {}, size)
      return next(args)
    },
    BEFORE_SIGNING,
  )
  return checked(await getSignedUrl(settings.client, command, signing(expiresIn, {})), {}, size)
}

type Headers = Readonly<Record<string, string>>

const BEFORE_SIGNING = { step: 'build', priority: 'low', name: 'announceBody' } as const

/** Sets what is signed; takes away the checksum of a body that the client may have added, as here there is none yet. */
function announce(sent: unknown, headers: Headers, size: number): void {
  if (typeof sent !== 'object' || sent === null || !('headers' in sent)) return
  const present = sent.headers as Record<string, string>
  for (const name of Object.keys(present)) {
    if (/^x-amz-(?:sdk-)?checksum/i.test(name)) delete present[name]
  }
  Object.assign(present, headers, { 'content-length': String(size) })
}

function signing(expiresIn: number, headers: Headers) {
  const names = Object.keys(headers)
  return {
    expiresIn,
    signableHeaders: new Set(['host', 'content-length', ...names]),
    unhoistableHeaders: new Set(names),
  }
}

/** A presigner that leaves out what it was asked to sign would open more than was announced. */
function checked(url: string, headers: Headers, size: number): PresignedWrite {
  const signed = new URL(url).searchParams.get('X-Amz-SignedHeaders')?.split(';') ?? []
  const missing = ['host', 'content-length', ...Object.keys(headers)].filter((name) => !signed.includes(name))
  if (missing.length === 0) return { method: 'PUT', url, headers, size }
  throw new LatchkeyError(
    'invalid_option',
    `getSignedUrl has not signed ${missing.join(', ')}: give that of @aws-sdk/s3-request-presigner as it is`,
  )
}
