import crypto from 'node:crypto'
import type { Hmac, MacFunction } from './contract.js'
import { joinedText } from './joined-text.js'

const BLOCK_BYTES = 64
const DIGEST_BYTES = 32
const LINE_FEED = 0x0a

/** Room for the longest text that tokens give rise to: 4 096 + 1 024 + 1 024 characters of three bytes each. */
const MESSAGE_BYTES = 20 * 1024

// HMAC(k, t) = H(k^opad || H(k^ipad || t)), as two one-shot hashes over buffers that live on: half the time of a
// Hmac object. Everything here is synchronous, so one pair of buffers serves all keys; `loaded` tells whose
// key blocks are in them.
const inner = writable(BLOCK_BYTES + MESSAGE_BYTES)
const outer = writable(BLOCK_BYTES + DIGEST_BYTES)
let loaded: KeyBlocks | undefined
let loadedOpening = ''
let openingEnd = BLOCK_BYTES
// Those that are minted in one go have the same line, and so have tokens that come from there.
let loadedLine: string | undefined
let lineEnd = BLOCK_BYTES

// Views of `inner` by length, for texts of usual lengths: to make one takes as long as to hash it.
const VIEWS = 1024
const views: Uint8Array[] = []

/** Every Buffer has these; `write` finds out on each call which of them is meant, which takes as long as the writing. */
interface DirectWrites {
  utf8Write(text: string, offset: number): number
  latin1Write(text: string, offset: number): number
}

function writable(length: number): Buffer & DirectWrites {
  const buffer = Buffer.alloc(length)
  const write = (encoding: BufferEncoding) => (text: string, offset: number) =>
    buffer.write(text, offset, encoding)
  // Node does not document them.
  return 'utf8Write' in buffer && 'latin1Write' in buffer
    ? (buffer as Buffer & DirectWrites)
    : Object.assign(buffer, { utf8Write: write('utf8'), latin1Write: write('latin1') })
}

interface KeyBlocks {
  readonly inner: Uint8Array
  readonly outer: Uint8Array
}

function keyBlocks(secret: Uint8Array): KeyBlocks {
  const key = secret.length > BLOCK_BYTES ? crypto.createHash('sha256').update(secret).digest() : secret
  const blocks = {
    inner: new Uint8Array(BLOCK_BYTES).fill(0x36),
    outer: new Uint8Array(BLOCK_BYTES).fill(0x5c),
  }
  for (let i = 0; i < key.length; i++) {
    const byte = key[i] ?? 0
    blocks.inner[i] = byte ^ 0x36
    blocks.outer[i] = byte ^ 0x5c
  }
  return blocks
}

function macFromHashes(secret: Uint8Array): MacFunction {
  const blocks = keyBlocks(secret)
  return (opening, line = '', rest) => {
    const length = opening.length + line.length + (rest?.length ?? 0)
    // A character has three bytes at most, and there is the line feed.
    const message =
      length * 3 < MESSAGE_BYTES
        ? viewOf(write(blocks, opening, line, rest))
        : longMessage(blocks, joinedText(opening, line, rest))
    outer.latin1Write(crypto.hash('sha256', message, 'binary'), BLOCK_BYTES)
    return crypto.hash('sha256', outer, 'base64url')
  }
}

function longMessage(blocks: KeyBlocks, text: string): Uint8Array {
  load(blocks, '')
  return Buffer.concat([blocks.inner, Buffer.from(text, 'utf8')])
}

/** Gives where the message ends in `inner`. */
function write(blocks: KeyBlocks, opening: string, line: string, rest: string | undefined): number {
  if (loaded !== blocks || loadedOpening !== opening) load(blocks, opening)
  if (line !== loadedLine) loadLine(line)
  if (rest === undefined) return lineEnd
  inner[lineEnd] = LINE_FEED
  return lineEnd + 1 + inner.utf8Write(rest, lineEnd + 1)
}

function loadLine(line: string): void {
  loadedLine = undefined
  lineEnd = openingEnd + inner.utf8Write(line, openingEnd)
  loadedLine = line
}

function load(blocks: KeyBlocks, opening: string): void {
  // What throws half-way, as a stack that is full, must not leave one key's blocks under the name of another.
  loaded = undefined
  loadedLine = undefined
  inner.set(blocks.inner)
  outer.set(blocks.outer)
  openingEnd = BLOCK_BYTES + inner.utf8Write(opening, BLOCK_BYTES)
  loadedOpening = opening
  loaded = blocks
}

function viewOf(length: number): Uint8Array {
  if (length > VIEWS) return inner.subarray(0, length)
  views[length] ??= inner.subarray(0, length)
  return views[length]
}

/** For Node before 20.12. Exported for its test, which runs on every Node. */
export function macFromHmac(secret: Uint8Array): MacFunction {
  const key = crypto.createSecretKey(secret)
  return (opening, line = '', rest) =>
    crypto
      .createHmac('sha256', key)
      .update(joinedText(opening, line, rest), 'utf8')
      .digest('base64url')
}

/** See `Hmac.createMac`. `crypto.hash` came with Node 20.12. */
export const createMac: Hmac['createMac'] = typeof crypto.hash === 'function' ? macFromHashes : macFromHmac

const MAC_LENGTH = 43
const leftMac = writable(MAC_LENGTH)
const rightMac = writable(MAC_LENGTH)

/** See `Hmac.equalMacs`. */
export const equalMacs: Hmac['equalMacs'] = (a, b) => {
  if (a.length === MAC_LENGTH && b.length === MAC_LENGTH) {
    leftMac.latin1Write(a, 0)
    rightMac.latin1Write(b, 0)
    // In Latin-1 two characters can become the same byte. Who has all bytes right learns nothing from how long `===` takes.
    return crypto.timingSafeEqual(leftMac, rightMac) && a === b
  }
  const left = Buffer.from(a, 'utf8')
  const right = Buffer.from(b, 'utf8')
  return left.length === right.length && crypto.timingSafeEqual(left, right)
}
