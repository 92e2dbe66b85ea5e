import type fs from 'node:fs'

const CHANGING = [
  'open',
  'writev',
  'writeFile',
  'rename',
  'link',
  'symlink',
  'unlink',
  'mkdir',
  'rmdir',
] as const

/**
 * Runs `instead` in place of the nth call that changes the disk (or opens a file), counted from now on. Where it
 * gives an error, that is what the call fails with. The removal of a lock is not counted: a lock that stays is waited
 * for as one that hangs. Gives how to undo it, and how many such calls there were.
 */
export function breakNthCall(target: typeof fs, nth: number, instead: () => unknown) {
  const originals = CHANGING.map((name) => [name, target[name]] as const)
  let count = 0
  for (const [name, original] of originals) {
    const broken = (...args: unknown[]) => {
      const done = args.at(-1)
      const isUnlock = name === 'unlink' && String(args[0]).includes('/locks/')
      if (isUnlock || ++count !== nth || typeof done !== 'function')
        return Reflect.apply(original, target, args)
      const error = instead()
      setImmediate(() => done(error))
    }
    Object.assign(target, { [name]: broken })
  }
  return {
    calls: () => count,
    restore: () => Object.assign(target, Object.fromEntries(originals)),
  }
}
