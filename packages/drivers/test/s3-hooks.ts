import type { S3Client } from '@aws-sdk/client-s3'

/** Stands between the driver and the store at a command of one key. `forward` has the store do it and gives its answer. */
export type Hook = (forward: () => Promise<unknown>) => Promise<unknown>

/** What a client fails with where the store answered a status. */
export function answered(httpStatusCode: number, name = 'Error'): Error {
  return Object.assign(new Error(`HTTP ${httpStatusCode}`), { name, $metadata: { httpStatusCode } })
}

/** What a client fails with where no answer came. */
export const NO_ANSWER = Object.assign(new Error('socket hang up'), { name: 'TimeoutError' })

/** Puts a hook before the commands of a client whose keys hold a text. */
export function hook(client: S3Client, command: string, part: string, run: Hook): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const hit = commandName === command && 'Key' in args.input && String(args.input.Key).includes(part)
        if (!hit) return next(args)
        const forward = () => next(args)
        return (await run(forward)) as Awaited<ReturnType<typeof next>>
      },
    { step: 'initialize' },
  )
}

/** The first time only. */
export function once(run: Hook): Hook {
  let isOver = false
  return async (forward) => {
    if (isOver) return forward()
    isOver = true
    return run(forward)
  }
}
