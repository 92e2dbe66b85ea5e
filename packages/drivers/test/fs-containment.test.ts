import { execFileSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fsDriver } from '@latchkey/drivers/fs'
import { describe, expect, it } from 'vitest'
import { isReservedOnWindows } from '../src/fs/object-path.js'
import { leftoversIn, openFilesIn, scratchFolder } from './fs-context.js'
import { readText, writeText } from './texts.js'
import { unable } from './unable.js'

const INVALID = { code: 'invalid_key' }
const CONFLICT = { code: 'key_conflict' }

function twoFolders() {
  const [root, outside] = [scratchFolder(), scratchFolder()]
  writeFileSync(join(outside, 'secret'), 'secret')
  return { root, outside, driver: fsDriver({ root }) }
}

describe('links out of the root', () => {
  it('are not followed to a file', async () => {
    const { root, outside, driver } = twoFolders()
    symlinkSync(join(outside, 'secret'), join(root, 'leak'))
    expect(await driver.stat('leak')).toBeNull()
    expect(await driver.open('leak')).toBeNull()
    expect(await driver.delete('leak')).toBe(false)
    expect(openFilesIn(outside)).toEqual([])
  })

  it('are not followed through a folder, for reading, writing or removing', async () => {
    const { root, outside, driver } = twoFolders()
    symlinkSync(outside, join(root, 'door'))
    mkdirSync(join(outside, 'deep'))
    for (const key of ['door/secret', 'door/deep/er']) {
      expect(await driver.stat(key)).toBeNull()
      expect(await driver.open(key)).toBeNull()
      await expect(writeText(driver, key, 'x')).rejects.toMatchObject(INVALID)
      expect(await driver.delete(key)).toBe(false)
    }
    expect(readdirSync(outside).sort()).toEqual(['deep', 'secret'])
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('secret')
    expect(readdirSync(join(outside, 'deep'))).toEqual([])
  })

  it('are not followed to a folder whose path begins like the root', async () => {
    const root = scratchFolder()
    mkdirSync(join(root, 'store'))
    mkdirSync(join(root, 'store-private'))
    writeFileSync(join(root, 'store-private/secret'), 'secret')
    symlinkSync('../store-private', join(root, 'store/door'))
    const driver = fsDriver({ root: join(root, 'store') })
    expect(await driver.stat('door/secret')).toBeNull()
    await expect(writeText(driver, 'door/new', 'x')).rejects.toMatchObject(INVALID)
  })

  it('are noticed when they are made while the upload is under way', async () => {
    const { root, outside, driver } = twoFolders()
    async function* body() {
      yield Buffer.from('x')
      symlinkSync(outside, join(root, 'late'))
      await new Promise((go) => setTimeout(go, 100))
    }
    const writing = driver.write('late/object', body(), { contentType: 'text/plain', visibility: 'private' })
    await expect(writing).rejects.toMatchObject(INVALID)
    expect(readdirSync(outside)).toEqual(['secret'])
    expect(leftoversIn(root).filter((left) => !left.startsWith('empty'))).toEqual([])
  })

  it('are replaced by a write to their own key, and their target is left alone', async () => {
    const { root, outside, driver } = twoFolders()
    symlinkSync(join(outside, 'secret'), join(root, 'leak'))
    const written = await writeText(driver, 'leak', 'mine')
    expect(written.created).toBe(true)
    expect(lstatSync(join(root, 'leak')).isFile()).toBe(true)
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('secret')
    expect(await readText(driver, 'leak')).toBe('mine')
  })
})

describe('links inside the root', () => {
  it('are read, and share lock and metadata with what they lead to', async () => {
    const { root, driver } = twoFolders()
    symlinkSync('releases/1', join(root, 'current'))
    const written = await writeText(driver, 'releases/1/app.js', 'one', { visibility: 'public' })
    expect(await driver.stat('current/app.js')).toEqual(written.stat)
    const match = { type: 'match', etags: [written.stat.etag] } as const
    const second = await writeText(driver, 'current/app.js', 'two', { precondition: match })
    expect(await driver.stat('releases/1/app.js')).toEqual(second.stat)
    expect(readlinkSync(join(root, 'current'))).toBe('releases/1')
    expect(leftoversIn(root).filter((left) => left.includes('sidecars'))).toEqual([])
  })

  it('are replaced and removed themselves where the key is the link', async () => {
    const { root, driver } = twoFolders()
    await writeText(driver, 'target', 'target')
    symlinkSync('target', join(root, 'alias'))
    expect(await readText(driver, 'alias')).toBe('target')
    expect((await writeText(driver, 'alias', 'own')).created).toBe(false)
    expect(await readText(driver, 'target')).toBe('target')
    symlinkSync('target', join(root, 'second'))
    expect(await driver.delete('second')).toBe(true)
    expect(existsSync(join(root, 'second'))).toBe(false)
    expect(await readText(driver, 'target')).toBe('target')
  })

  it('do not open the folder of the driver', async () => {
    const { root, driver } = twoFolders()
    await writeText(driver, 'object', 'x')
    symlinkSync('.latchkey', join(root, 'workspace'))
    symlinkSync('.latchkey/meta/swept', join(root, 'mark'))
    writeFileSync(join(root, '.latchkey/meta/swept'), 'x')
    for (const key of ['workspace/meta/swept', 'mark']) {
      expect(await driver.stat(key)).toBeNull()
      expect(await driver.open(key)).toBeNull()
    }
    await expect(writeText(driver, 'workspace/tmp/new', 'x')).rejects.toMatchObject(INVALID)
    expect(await driver.delete('workspace/meta/swept')).toBe(false)
    expect(existsSync(join(root, '.latchkey/meta/swept'))).toBe(true)
  })

  it('that lead to nothing or in a circle hold nothing', async () => {
    const { root, driver } = twoFolders()
    symlinkSync('nowhere', join(root, 'dangling'))
    symlinkSync('circle', join(root, 'circle'))
    for (const key of ['dangling', 'circle', 'dangling/below', 'circle/below']) {
      expect(await driver.stat(key), key).toBeNull()
      expect(await driver.open(key), key).toBeNull()
      expect(await driver.delete(key), key).toBe(false)
    }
    for (const key of ['dangling/below', 'circle/below']) {
      await expect(writeText(driver, key, 'x'), key).rejects.toMatchObject(CONFLICT)
    }
    expect((await writeText(driver, 'dangling', 'x')).created).toBe(true)
    expect(existsSync(join(root, 'nowhere'))).toBe(false)
  })
})

describe('what is no regular file', () => {
  it('holds nothing: a folder, a FIFO, a socket, a device', async (test) => {
    const { root, driver } = twoFolders()
    mkdirSync(join(root, 'folder'))
    try {
      execFileSync('mkfifo', [join(root, 'fifo')])
    } catch (error) {
      unable(test, `no FIFO can be made: ${error}`)
    }
    const server = createServer().listen(join(root, 'socket'))
    await new Promise((go) => server.once('listening', go))
    symlinkSync('/dev/zero', join(root, 'device'))
    for (const key of ['folder', 'fifo', 'socket', 'device']) {
      expect(await driver.stat(key), key).toBeNull()
      expect(await driver.open(key), key).toBeNull()
      expect(await driver.delete(key), key).toBe(false)
    }
    server.close()
    expect(openFilesIn(root)).toEqual([])
  })

  it('conflicts with a write where it is a folder, also an empty one', async () => {
    const { root, driver } = twoFolders()
    mkdirSync(join(root, 'folder'))
    await expect(writeText(driver, 'folder', 'x')).rejects.toMatchObject(CONFLICT)
    const createOnly = { precondition: { type: 'absent' } } as const
    await expect(writeText(driver, 'folder', 'x', createOnly)).rejects.toMatchObject(CONFLICT)
    expect(lstatSync(join(root, 'folder')).isDirectory()).toBe(true)
    await writeText(driver, 'file', 'x')
    await expect(writeText(driver, 'file/below', 'x')).rejects.toMatchObject(CONFLICT)
    await expect(writeText(driver, 'file/below/that', 'x')).rejects.toMatchObject(CONFLICT)
    expect(readdirSync(root).sort()).toEqual(['.latchkey', 'file', 'folder'])
  })
})

describe('reserved names', () => {
  it('of the driver hold nothing, in whatever case they are written', async () => {
    const { root, driver } = twoFolders()
    await writeText(driver, 'object', 'x')
    writeFileSync(join(root, '.latchkey/note'), 'x')
    mkdirSync(join(root, '.LATCHKEY'))
    writeFileSync(join(root, '.LATCHKEY/note'), 'x')
    for (const key of [
      '.latchkey/note',
      '.latchkey',
      '.LATCHKEY/note',
      '.Latchkey/x',
      '.latch\u200ckey/x',
      '.latch\u212aey/x',
    ]) {
      expect(await driver.stat(key), key).toBeNull()
      expect(await driver.open(key), key).toBeNull()
      await expect(writeText(driver, key, 'x'), key).rejects.toMatchObject(INVALID)
      await expect(driver.delete(key), key).rejects.toMatchObject(INVALID)
    }
    await writeText(driver, 'below/.latchkey/note', 'x')
    await writeText(driver, '.latchkey2', 'x')
  })

  it('of Windows are known', () => {
    for (const name of [
      'con',
      'NUL',
      'aux.txt',
      'com1',
      'LPT9.log',
      'file:stream',
      'dot.',
      'space ',
      'what?',
      'a*b',
    ]) {
      expect(isReservedOnWindows(name), name).toBe(true)
    }
    for (const name of ['console', 'com', 'com10', 'nul-1', '.hidden', 'a b', 'report.con']) {
      expect(isReservedOnWindows(name), name).toBe(false)
    }
  })
})
