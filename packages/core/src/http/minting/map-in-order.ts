/**
 * Maps a list, at most `width` items at a time, and gives the results in the list's order. After a failure nothing
 * more is begun.
 */
export async function mapInOrder<Item, Result>(
  items: readonly Item[],
  width: number,
  map: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const waiting = items.entries()
  let failed = false
  const work = async (): Promise<void> => {
    for (const [at, item] of waiting) {
      if (failed) return
      results[at] = await map(item).catch((error: unknown) => {
        failed = true
        throw error
      })
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, work))
  return results
}
