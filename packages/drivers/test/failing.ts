import fs from 'node:fs'
import { vi } from 'vitest'

export type FsCall =
  | 'open'
  | 'close'
  | 'fstat'
  | 'writev'
  | 'read'
  | 'link'
  | 'rename'
  | 'symlink'
  | 'writeFile'
  | 'unlink'

/** Makes one call of the file system fail, as it would by itself. `when` picks the calls by their first argument. */
export function failing(name: FsCall, errno: string, when: (first: unknown) => boolean = () => true) {
  const original = fs[name] as (...args: unknown[]) => void
  const failure = Object.assign(new Error(`${errno}: injected, ${name}`), { code: errno, syscall: name })
  return vi.spyOn(fs, name).mockImplementation(((...args: unknown[]) => {
    const done = args.at(-1)
    if (when(args[0]) && typeof done === 'function') setImmediate(() => done(failure))
    else original.apply(fs, args)
  }) as never)
}
