import { createHash, randomUUID } from 'node:crypto'
import fs from 'node:fs'
import { hostname } from 'node:os'
import { call } from './call.js'

/** Who made a temporary file or a lock. */
export interface Owner {
  /** Machine, boot and process namespace. Within one, a process number means one process. */
  readonly machine: string
  readonly pid: number
  /** When the process started; tells it from a later one of the same number. `0` where the system does not say. */
  readonly start: string
}

let self: Promise<Owner> | undefined

/** This process. */
export function ownOwner(): Promise<Owner> {
  self ??= describeSelf()
  return self
}

/** A name for something that `owner` makes, used once. */
export function ownedName(owner: Owner): string {
  return `${owner.machine}.${owner.pid}.${owner.start}.${randomUUID()}`
}

/** The owner in a name, or `null` for a name of another form. */
export function ownerIn(name: string): Owner | null {
  const match = /^([0-9a-f]{16})\.(\d{1,10})\.(\d{1,20})\.[\w-]+$/.exec(name)
  const [, machine, pid, start] = match ?? []
  if (machine === undefined || pid === undefined || start === undefined) return null
  return { machine, pid: Number(pid), start }
}

/** Whether a process is gone; `undefined` where that cannot be told from here. */
export async function isDead(owner: Owner): Promise<boolean | undefined> {
  const own = await ownOwner()
  if (owner.machine !== own.machine) return undefined
  if (owner.pid === own.pid) return owner.start !== own.start
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    // EPERM: alive, and somebody else's.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true
  }
  const start = await startOf(owner.pid)
  return start !== '0' && owner.start !== '0' && start !== owner.start
}

async function describeSelf(): Promise<Owner> {
  const parts = await Promise.all([
    readText('/proc/sys/kernel/random/boot_id'),
    // Containers on one machine share a boot but not their process numbers.
    call<string>((done) => fs.readlink('/proc/self/ns/pid', done)).catch(() => ''),
    hostname(),
  ])
  const machine = createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16)
  return { machine, pid: process.pid, start: await startOf(process.pid) }
}

async function startOf(pid: number): Promise<string> {
  const text = await readText(`/proc/${pid}/stat`)
  // The name in parentheses may hold spaces and parentheses itself: count from its last one.
  const start = text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  return /^\d+$/.test(start) ? start : '0'
}

function readText(path: string): Promise<string> {
  return call<string>((done) => fs.readFile(path, 'utf8', done)).catch(() => '')
}
