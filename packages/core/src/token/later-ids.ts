import { attenuate } from './attenuate.js'

/** A token with a block more for each id: so that it is revoked with what has the same ids in the same order. */
export async function withLaterIds(token: string, ids: readonly string[] = []): Promise<string> {
  let named = token
  for (const id of ids) named = await attenuate(named, { fields: { id } })
  return named
}
