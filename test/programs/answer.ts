/** What the program was started with. */
export function readTask<T>(): T {
  return JSON.parse(process.argv[2] ?? 'null')
}

/** Says that the program is ready, and answers what it is asked from now on. It ends with whoever started it. */
export function answerAll<T>(answer: (message: T) => Promise<unknown>, ready?: unknown): void {
  process.on('message', async ({ id, message }: { id: number; message: T }) => {
    process.send?.({ id, answer: await answer(message) })
  })
  process.on('disconnect', () => process.exit())
  process.send?.({ id: 0, answer: ready })
}
