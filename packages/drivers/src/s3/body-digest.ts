import { createHash } from 'node:crypto'

/** The MD5 that the store checks a body against (RFC 1864); none where the system allows no MD5, as under FIPS. */
export function bodyDigest(bytes: Uint8Array): { readonly ContentMD5?: string } {
  try {
    return { ContentMD5: createHash('md5').update(bytes).digest('base64') }
  } catch {
    return {}
  }
}
