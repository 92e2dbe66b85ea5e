import assert from 'node:assert/strict'
import type {
  CompleteMultipartOptions,
  CreateMultipartOptions,
  MultipartStorage,
  StorageDriver,
  UploadedPart,
  WritePartOptions,
  WriteResult,
} from '@latchkey/core'
import type { DriverCase, DriverCaseContext, DriverNeed } from '../driver-case.js'
import { assertFails, bodyOf, bytesOf } from '../driver-cases/objects.js'

const HOUR_MS = 3_600_000
const PLENTY = { maxTotal: 1e9 }

/** A case that needs uploads in parts, and whatever else it names. */
export function multipartCase(
  name: string,
  run: (context: DriverCaseContext) => Promise<void>,
  ...needs: DriverNeed[]
): DriverCase {
  return { name, needs: ['multipart', ...needs], run }
}

/** One upload in parts, with the arguments that most cases do not care about filled in. */
export class Upload {
  readonly key: string
  readonly id: string
  readonly #storage: MultipartStorage

  constructor(driver: StorageDriver, key: string, id: string) {
    this.key = key
    this.id = id
    this.#storage = multipartOf(driver)
  }

  static async begin(
    driver: StorageDriver,
    key: string,
    options: Partial<CreateMultipartOptions> = {},
  ): Promise<Upload> {
    const id = await multipartOf(driver).create(key, {
      contentType: 'application/octet-stream',
      visibility: 'private',
      expiresAt: new Date(Date.now() + HOUR_MS),
      ...options,
    })
    return new Upload(driver, key, id)
  }

  /** Stores a part whose bytes tell its number. */
  part(partNumber: number, size: number, options: Partial<WritePartOptions> = {}): Promise<UploadedPart> {
    return this.write(partNumber, partBytes(partNumber, size), options)
  }

  write(
    partNumber: number,
    content: Uint8Array | string | AsyncIterable<Uint8Array>,
    options: Partial<WritePartOptions> = {},
  ): Promise<UploadedPart> {
    const body =
      typeof content === 'string' || content instanceof Uint8Array ? bodyOf(content, 65_536) : content
    return this.#storage.writePart(this.key, this.id, partNumber, body, { ...PLENTY, ...options })
  }

  list(): Promise<readonly UploadedPart[]> {
    return this.#storage.listParts(this.key, this.id)
  }

  /** The listed parts, or all that are there. */
  async complete(
    parts?: readonly Pick<UploadedPart, 'partNumber' | 'etag'>[],
    options: Partial<CompleteMultipartOptions> = {},
  ): Promise<WriteResult> {
    const list = parts ?? (await this.list())
    return this.#storage.complete(this.key, this.id, list, { ...PLENTY, ...options })
  }

  abort(): Promise<void> {
    return this.#storage.abort(this.key, this.id)
  }
}

/** Every call finds the upload gone. */
export async function assertOver(upload: Upload): Promise<void> {
  await assertFails(upload.list(), 'upload_not_found')
  await assertFails(upload.write(1, 'x'), 'upload_not_found')
  await assertFails(upload.complete([{ partNumber: 1, etag: '"x"' }]), 'upload_not_found')
}

/** The bytes that `Upload.part` stores. */
export function partBytes(partNumber: number, size: number): Uint8Array {
  return bytesOf(size, partNumber)
}

function multipartOf(driver: StorageDriver): MultipartStorage {
  assert.ok(driver.multipart, 'the driver takes uploads in parts')
  return driver.multipart
}
