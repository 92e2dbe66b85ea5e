import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as node from '../../src/hmac/node.js'
import * as web from '../../src/hmac/web.js'

const reference = (secret: Uint8Array, text: string) =>
  createHmac('sha256', secret).update(text).digest('base64url')

describe.each([
  ['node:crypto', node],
  ['node:crypto before 20.12', { ...node, createMac: node.macFromHmac }],
  ['WebCrypto', web],
])('HMAC of %s', (_name, hmac) => {
  test('is HMAC-SHA256, whatever the secret and the text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.string({ unit: 'binary' }),
        async (secret, text) => {
          expect(await hmac.createMac(secret)(text)).toBe(reference(secret, text))
        },
      ),
    )
  })

  test('of a long text, and of one that is not ASCII, at every length about its buffers', async () => {
    const secret = Buffer.alloc(32, 7)
    const mac = hmac.createMac(secret)
    for (const length of [0, 1, 958, 959, 960, 961, 962, 6825, 6826, 6827, 6828, 20_480, 100_000]) {
      for (const unit of ['a', 'ü', '日']) {
        const text = unit.repeat(length)
        expect(await mac(text)).toBe(reference(secret, text))
      }
    }
  })

  test('of a text in parts is that of the whole, whichever openings and secrets came before', async () => {
    const secrets = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
    const macs = secrets.map((secret) => hmac.createMac(secret))
    const openings = ['', 'opening\n', 'öffnung\n', 'x'.repeat(7000)]
    for (const opening of [...openings, ...openings]) {
      for (const [line, rest] of [
        ['line', 'rest'],
        ['', ''],
        ['zeile', 'ü'.repeat(10_000)],
        ['line', undefined],
      ] as const) {
        for (const [at, secret] of secrets.entries()) {
          const text = rest === undefined ? opening + line : `${opening}${line}\n${rest}`
          expect(await macs[at]?.(opening, line, rest)).toBe(reference(secret, text))
        }
      }
    }
  })

  test('of one line again and again is that of what follows it', async () => {
    const secret = Buffer.alloc(32, 3)
    const mac = hmac.createMac(secret)
    for (const line of ['line', 'line', 'other', 'a longer line', 'line']) {
      for (const rest of ['rest', 'a longer rest', undefined, 'ü'.repeat(10_000), '', 'rest']) {
        const text = rest === undefined ? `opening${line}` : `opening${line}\n${rest}`
        expect(await mac('opening', line, rest)).toBe(reference(secret, text))
      }
    }
  })

  test('keeps secrets apart that are used in turn, and does not keep hold of their bytes', async () => {
    const secrets = [1, 2, 3].map((byte) => Buffer.alloc(32, byte))
    const macs = secrets.map((secret) => hmac.createMac(Uint8Array.from(secret)))
    for (let turn = 0; turn < 9; turn++) {
      const at = turn % 3
      expect(await macs[at]?.('x')).toBe(reference(secrets[at] ?? Buffer.alloc(0), 'x'))
    }
    const secret = Buffer.alloc(32, 4)
    const mac = hmac.createMac(secret)
    secret.fill(0)
    expect(await mac('x')).toBe(reference(Buffer.alloc(32, 4), 'x'))
  })

  test('a failure half-way does not leave one secret under the name of another', async () => {
    const [mine, other] = [1, 2].map((byte) => Buffer.alloc(32, byte)) as [Buffer, Buffer]
    const mac = hmac.createMac(mine)
    await mac('opening', 'line')
    const unwritable = { length: 1 } as never
    await Promise.resolve()
      .then(() => hmac.createMac(other)(unwritable, 'line'))
      .catch(() => {})
    expect(await mac('opening', 'line')).toBe(reference(mine, 'openingline'))
  })

  test('compares MACs as texts', () => {
    const mac = reference(Buffer.alloc(32), 'x')
    expect(hmac.equalMacs(mac, `${mac}`)).toBe(true)
    expect(hmac.equalMacs(mac, mac.slice(0, -1))).toBe(false)
    expect(hmac.equalMacs(mac.slice(0, -1), mac)).toBe(false)
    expect(hmac.equalMacs('', '')).toBe(true)
    for (let at = 0; at < mac.length; at++) {
      for (const step of [1, 0x100]) {
        const other = mac.slice(0, at) + String.fromCharCode(mac.charCodeAt(at) + step) + mac.slice(at + 1)
        expect(hmac.equalMacs(mac, other)).toBe(false)
        expect(hmac.equalMacs(other, mac)).toBe(false)
      }
    }
  })
})
