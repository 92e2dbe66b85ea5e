import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readlinkSync, realpathSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Engine } from './engine.js'
import { findPostgres } from './programs.mjs'
import { startRedis } from './redis.js'
import { usePostgres, useRedis } from './use-engine.js'

const GUARD = fileURLToPath(new URL('guard.mjs', import.meta.url))

describe('Redis', () => {
  const redis = useRedis()

  test('keeps what it confirmed over a kill -9, on the same port', async () => {
    const { port } = redis()
    expect(await tellRedis(redis(), 'SET a 1')).toBe('+OK')
    await redis().kill()
    await expect(tellRedis(redis(), 'GET a')).rejects.toThrow('ECONNREFUSED')
    await redis().restart()
    expect(redis().port).toBe(port)
    expect(await tellRedis(redis(), 'GET a')).toBe('$1\r\n1')
  })

  test('answers nothing while it is paused', async () => {
    await redis().pause()
    await expect(tellRedis(redis(), 'PING')).rejects.toThrow('aborted')
    await redis().resume()
    expect(await tellRedis(redis(), 'PING')).toBe('+PONG')
  })

  test('listens on 127.0.0.1 alone', async () => {
    expect(await tellRedis(redis(), 'CONFIG GET bind')).toMatch(/\r\n127\.0\.0\.1$/)
  })

  test('says why it does not start', async () => {
    const settings = ['--no-such-setting', '1']
    await expect(startRedis({ settings })).rejects.toThrow('FATAL CONFIG FILE ERROR')
  })

  test('is gone with its folder when it is stopped, also while it is paused', async () => {
    const other = await startRedis()
    await other.pause()
    await other.stop()
    expect(processesIn(other.folder)).toEqual([])
    expect(existsSync(other.folder)).toBe(false)
    await other.stop()
  })
})

describe('PostgreSQL', () => {
  const postgres = usePostgres()

  test('keeps what it confirmed over a kill -9, on the same port', async () => {
    await query(postgres(), 'CREATE TABLE kept AS SELECT 1 AS n')
    const running = query(postgres(), 'SELECT pg_sleep(60)').catch(() => 'broken off')
    await postgres().kill()
    expect(await running).toBe('broken off')
    expect(processesIn(postgres().folder)).toEqual([])
    await postgres().restart()
    expect(await query(postgres(), 'SELECT n FROM kept')).toBe('1')
  })

  test('answers nothing while it is paused, to an open connection neither', async () => {
    const began = Date.now()
    const open = query(postgres(), 'SELECT pg_sleep(0.2)')
    await new Promise((resolve) => setTimeout(resolve, 100))
    await postgres().pause()
    await expect(query(postgres(), 'SELECT 1', 500)).rejects.toThrow()
    await new Promise((resolve) => setTimeout(resolve, 500))
    await postgres().resume()
    await open
    expect(Date.now() - began).toBeGreaterThan(1000)
    expect(await query(postgres(), 'SELECT 1')).toBe('1')
  })
})

describe.runIf(process.platform === 'linux')('the guard', () => {
  test('ends the engine and its children and removes the folder when its parent gets a kill -9', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-guard-'))
    const task = { folder, path: '/bin/sh', args: ['-c', 'sleep 300 & sleep 300'], options: {} }
    const script = `require('node:child_process')
      .fork(${JSON.stringify(GUARD)}, [${JSON.stringify(JSON.stringify(task))}], { detached: true })
      .send({ id: 1, action: 'start' }, () => console.log('started'))`
    const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void parent.kill('SIGKILL'))
    await once(parent.stdout, 'data')
    await expect.poll(() => processesIn(folder).length, { timeout: 5000 }).toBe(3)
    parent.kill('SIGKILL')
    await expect.poll(() => existsSync(folder), { timeout: 5000 }).toBe(false)
    expect(processesIn(folder)).toEqual([])
  })
})

/** The processes that work in a folder whose path has this in it. */
function processesIn(folder: string): string[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc').filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`).includes(folder)
    } catch {
      return false
    }
  })
}

/** What Redis answers to one command, within a time. */
async function tellRedis({ port }: Engine, command: string, patience = 1000): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  try {
    socket.write(`${command}\r\n`)
    const [bytes] = await once(socket, 'data', { signal: AbortSignal.timeout(patience) })
    return String(bytes).trim()
  } finally {
    socket.destroy()
  }
}

/** What PostgreSQL answers to one statement, within a time. */
async function query({ url }: Engine, statement: string, timeout = 10_000): Promise<string> {
  const found = findPostgres()
  if ('missing' in found) throw new Error(found.missing)
  const psql = join(dirname(realpathSync(found.path)), 'psql')
  const { stdout } = await promisify(execFile)(psql, ['-XAtq', '-c', statement, url], { timeout })
  return stdout.trim()
}
