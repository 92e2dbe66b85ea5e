import { createHash, type Hash, timingSafeEqual } from 'node:crypto'
import type { GateRequest } from '../contracts/gate.js'
import { LatchkeyError } from '../token/index.js'

/** The digests of RFC 9530 that are checked; others, deprecated or unknown, may be ignored by a recipient. */
const ALGORITHMS: Readonly<Record<string, { readonly name: string; readonly bytes: number }>> = {
  'sha-256': { name: 'sha256', bytes: 32 },
  'sha-512': { name: 'sha512', bytes: 64 },
}

const MEMBER = /^([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):$/

/** Checks a body against what its header announced. */
export interface DigestCheck {
  update(chunk: Uint8Array): void
  /** Throws `digest_mismatch` unless every announced digest is the body's. */
  finish(): void
}

/**
 * The checks that `Content-Digest`, `Repr-Digest` (RFC 9530; the same here, as no coding is accepted) and
 * `Content-MD5` (RFC 1864) call for. Throws `bad_request` where one is malformed: a digest that cannot be read
 * cannot be said to match.
 */
export function announcedDigests(request: GateRequest): readonly DigestCheck[] {
  return [
    ...structuredDigests(request.header('content-digest')),
    ...structuredDigests(request.header('repr-digest')),
    ...md5Digest(request.header('content-md5')),
  ]
}

function structuredDigests(field: string | undefined): DigestCheck[] {
  if (field === undefined) return []
  const checks: DigestCheck[] = []
  for (const member of field.split(',')) {
    const match = MEMBER.exec(member.trim())
    if (match === null) throw new LatchkeyError('bad_request', 'malformed digest field')
    const name = match[1] ?? ''
    const algorithm = Object.hasOwn(ALGORITHMS, name) ? ALGORITHMS[name] : undefined
    if (algorithm !== undefined) checks.push(digestCheck(algorithm.name, algorithm.bytes, match[2] ?? ''))
  }
  return checks
}

function md5Digest(field: string | undefined): DigestCheck[] {
  if (field === undefined) return []
  if (!/^[A-Za-z0-9+/]{22}==$/.test(field)) throw new LatchkeyError('bad_request', 'malformed Content-MD5')
  return [digestCheck('md5', 16, field)]
}

function digestCheck(algorithm: string, bytes: number, base64: string): DigestCheck {
  const expected = Buffer.from(base64, 'base64')
  if (expected.byteLength !== bytes) throw new LatchkeyError('bad_request', 'digest of the wrong length')
  const hash: Hash = createHash(algorithm)
  return {
    update: (chunk) => {
      hash.update(chunk)
    },
    finish: () => {
      if (!timingSafeEqual(hash.digest(), expected)) {
        throw new LatchkeyError('digest_mismatch', `the ${algorithm} of the body is not the announced one`)
      }
    },
  }
}
