/** The last task of each upload, by the storage's id, which no two uploads share. */
const underWay = new Map<string, Promise<unknown>>()

/**
 * Runs the completions of one upload one after the other, as far as they come to this process: whoever repeats one
 * while the app is still being told of the first must not get its answer before the app has agreed.
 */
export async function inTurn<T>(storageId: string, task: () => Promise<T>): Promise<T> {
  const before = underWay.get(storageId)
  const turn = (async () => {
    await before?.catch(() => {})
    return task()
  })()
  underWay.set(storageId, turn)
  try {
    return await turn
  } finally {
    if (underWay.get(storageId) === turn) underWay.delete(storageId)
  }
}
