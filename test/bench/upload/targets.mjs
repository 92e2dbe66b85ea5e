import { memoryDriver } from '@latchkey/drivers/memory'
import { latchkeyOver } from '../latchkey.mjs'

const files = latchkeyOver(memoryDriver())

/**
 * Where each of `count` uploads to a receiver goes.
 *
 * @param {string} kind
 * @param {number} count
 */
export async function targetsOf(kind, count) {
  if (kind !== 'latchkey') return Array.from({ length: count }, () => '/files')
  const urls = Array.from({ length: count }, (_, at) => files.signedUploadUrl(`upload-${at}.bin`))
  return (await Promise.all(urls)).map(({ url }) => url)
}
