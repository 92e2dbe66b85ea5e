import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import type { UploadedPart } from '@latchkey/core'
import { uploadNotFound } from '../../upload-errors.js'
import { call, errnoOf } from '../call.js'

const NAME = /^([1-9]\d{0,4})\.(\d{1,15})\.(\d{1,16})\.([\w-]{22})$/

/**
 * A stored part. All there is to know of it is in the name of its file, so that one look into the folder tells
 * everything: `<number>.<turn>.<size>.<random>`.
 */
export interface PartFile extends UploadedPart {
  /** The file's name. */
  readonly name: string
  /** Counts the uploads of this part: the highest is the part, lower ones were about to be removed. */
  readonly turn: number
}

/** A new version of a part, in place of `before`. */
export function newPartFile(partNumber: number, size: number, before: PartFile | undefined): PartFile {
  const turn = (before?.turn ?? 0) + 1
  const random = randomBytes(16).toString('base64url')
  return {
    partNumber,
    turn,
    size,
    etag: `"${random}"`,
    name: `${partNumber}.${turn}.${size}.${random}`,
  }
}

/** The parts in an upload's folder, in ascending order, and the files of versions that were replaced. */
export async function readParts(folder: string): Promise<{ parts: PartFile[]; replaced: PartFile[] }> {
  const current = new Map<number, PartFile>()
  const replaced: PartFile[] = []
  for (const name of await namesIn(folder)) {
    const part = partIn(name)
    if (part === null) continue
    const other = current.get(part.partNumber)
    if (other === undefined || other.turn < part.turn) current.set(part.partNumber, part)
    if (other !== undefined) replaced.push(other.turn < part.turn ? other : part)
  }
  return { parts: [...current.values()].sort((a, b) => a.partNumber - b.partNumber), replaced }
}

/** What the contract shows of a part. */
export function uploadedPart({ partNumber, etag, size }: PartFile): UploadedPart {
  return { partNumber, etag, size }
}

function partIn(name: string): PartFile | null {
  const [, partNumber, turn, size, random] = NAME.exec(name) ?? []
  if (random === undefined) return null
  return {
    name,
    partNumber: Number(partNumber),
    turn: Number(turn),
    size: Number(size),
    etag: `"${random}"`,
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await call<string[]>((done) => fs.readdir(folder, done))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') throw uploadNotFound()
    throw error
  }
}
