import { lstatSync, mkdtempSync, readdirSync, readlinkSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FsDriverOptions, fsDriver } from '@latchkey/drivers/fs'
import type { DriverCaseContext } from '@latchkey/testkit'
import { afterAll, expect, onTestFinished } from 'vitest'

const folders: string[] = []

// A driver that was just made may still be making its folders, once more after they were removed.
afterAll(async () => {
  for (const folder of folders) await remove(folder)
})

function remove(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 20 })
}

/** A folder that goes with its test. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-fs-'))
  folders.push(folder)
  onTestFinished(() => remove(folder))
  return folder
}

/** What the driver has in a root besides objects: uploads, locks, empty folders, sidecars of no file, open files. */
export function leftoversIn(root: string): string[] {
  const entries = existing(root)
  const left = entries.filter((entry) => /^\.latchkey\/(tmp|locks)\/./.test(entry))
  left.push(...uploadLeftoversIn(join(root, '.latchkey/uploads')))
  const objects = entries.filter((entry) => !entry.startsWith('.latchkey'))
  for (const entry of objects) {
    const isEmpty = lstatSync(join(root, entry)).isDirectory() && readdirSync(join(root, entry)).length === 0
    if (isEmpty) left.push(`empty folder ${entry}`)
  }
  const files = objects.filter((entry) => !lstatSync(join(root, entry)).isDirectory())
  const sidecars = entries.filter((entry) => /^\.latchkey\/meta\/..\//.test(entry))
  if (sidecars.length > files.length) left.push(`${sidecars.length} sidecars of ${files.length} files`)
  return [...left, ...openFilesIn(root)]
}

/** What uploads in parts have besides a manifest and one file per part, or a manifest and a record at the end. */
function uploadLeftoversIn(folder: string): string[] {
  return existing(folder, false).flatMap((id) => {
    const names = existing(join(folder, id), false)
    const numbers = names.map((name) => name.split('.')[0])
    const isSound =
      names.includes('manifest') &&
      !id.includes('.') &&
      (names.includes('record') ? names.length === 2 : new Set(numbers).size === names.length) &&
      !numbers.includes('object')
    return isSound ? [] : [`upload ${id}: ${names.join(', ')}`]
  })
}

/** Waits until nothing is left: handles are let go, and a new driver's sweep goes by, a moment later. */
export async function expectNothingLeft(root: string): Promise<void> {
  await expect.poll(() => leftoversIn(root), { timeout: 5000 }).toEqual([])
}

/** The files below a folder that this process has open. Empty where the system does not say. */
export function openFilesIn(root: string): string[] {
  return existing('/proc/self/fd', false)
    .map((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`)
      } catch {
        return ''
      }
    })
    .filter((path) => path.startsWith(root))
    .map((path) => `open ${path}`)
}

export function fsContext(options: Partial<FsDriverOptions> = {}): DriverCaseContext & { root: string } {
  const root = scratchFolder()
  return {
    root,
    driver: fsDriver({ root, ...options }),
    reopen: async () => fsDriver({ root, ...options }),
    leftovers: async () => leftoversIn(root),
  }
}

function existing(folder: string, recursive = true): string[] {
  try {
    return readdirSync(folder, { recursive }).map(String)
  } catch {
    return []
  }
}

/** How many calls were not on the driver's own folder, which it may still be looking through since its start. */
export function countForObjects({
  mock,
}: {
  readonly mock: { readonly calls: readonly (readonly unknown[])[] }
}) {
  return mock.calls.filter(([path]) => !String(path).includes('/.latchkey/')).length
}
