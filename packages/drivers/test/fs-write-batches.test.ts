import fs from 'node:fs'
import { fsDriver } from '@latchkey/drivers/fs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { failing } from './failing.js'
import { expectNothingLeft, scratchFolder } from './fs-context.js'

const KIB = 1024
const MIB = 1024 * KIB
const PRIVATE = { contentType: 'text/plain', visibility: 'private' } as const

let root = ''
let begun: { end(): Promise<unknown>; breakOff(): Promise<unknown> }[] = []

beforeEach(() => {
  root = scratchFolder()
  begun = []
})

afterEach(async () => {
  vi.restoreAllMocks()
  await Promise.all(begun.map(({ end }) => end()))
  await expectNothingLeft(root)
})

/** Begins an upload whose body goes on when it is told to. */
async function begin(): Promise<void> {
  let goOn = (): void => {}
  const told = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const aborting = new AbortController()
  let received = (): void => {}
  const isUnderWay = new Promise<void>((resolve) => {
    received = resolve
  })
  async function* body() {
    received()
    yield new Uint8Array(1)
    await told
  }
  const written = fsDriver({ root })
    .write(`held-${begun.length}`, body(), { ...PRIVATE, signal: aborting.signal })
    .catch(() => {})
  begun.push({
    end() {
      goOn()
      return written
    },
    breakOff() {
      aborting.abort()
      return written
    },
  })
  await isUnderWay
}

/** How many bytes an upload of 2 MiB writes at once. */
async function batches(): Promise<number[]> {
  const writev = vi.spyOn(fs, 'writev')
  async function* body() {
    for (let at = 0; at < 2 * MIB; at += 64 * KIB) yield new Uint8Array(64 * KIB)
  }
  await fsDriver({ root }).write('object', body(), PRIVATE)
  const sizes = writev.mock.calls.map(([, buffers]) =>
    buffers.reduce((sum, { byteLength }) => sum + byteLength, 0),
  )
  writev.mockRestore()
  return sizes
}

test('up to 16 uploads at once are written in batches of 1 MiB, and more in such of 256 KiB', async () => {
  for (let at = 0; at < 15; at++) await begin()
  expect(await batches()).toEqual([MIB, MIB])
  await begin()
  expect(await batches()).toEqual(Array(8).fill(256 * KIB))
})

test.each(['end', 'breakOff'] as const)('uploads count no more after %s', async (how) => {
  for (let at = 0; at < 20; at++) await begin()
  expect(await batches()).toEqual(Array(8).fill(256 * KIB))
  for (const upload of begun) await upload[how]()
  expect(await batches()).toEqual([MIB, MIB])
  for (let at = 0; at < 15; at++) await begin()
  expect(await batches()).toEqual([MIB, MIB])
})

test('uploads whose writes fail count no more', async () => {
  const driver = fsDriver({ root })
  const writev = failing('writev', 'EIO')
  async function* body() {
    yield new Uint8Array(10)
  }
  for (let at = 0; at < 20; at++) await expect(driver.write('object', body(), PRIVATE)).rejects.toThrow()
  writev.mockRestore()
  expect(await batches()).toEqual([MIB, MIB])
})
