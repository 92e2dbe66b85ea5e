import type { TreeUrlOptions } from '@latchkey/core/token'
import type { HttpCaseContext } from '../http-case.js'
import { targetOf } from './exchange.js'

export const PREFIX = 'videos/42/'
export const PLAYLIST = `${PREFIX}index.m3u8`
export const SEGMENT = `${PREFIX}hd/0 1.ts`
export const OUTSIDE = 'videos/43/index.m3u8'

/** A tree URL over a stored playlist, a segment, and a file beside the tree. */
export async function tree(context: HttpCaseContext, options?: TreeUrlOptions): Promise<string> {
  await context.put(PLAYLIST, 'playlist')
  await context.put(SEGMENT, 'segment')
  await context.put(OUTSIDE, 'outside')
  return (await context.files.signedTreeUrl(PREFIX, options)).url
}

/** What a browser makes of a relative reference, as it goes onto the request line. */
export function follow(url: string, reference: string): string {
  const { pathname, search } = new URL(reference, url)
  return pathname + search
}

/** The token that stands in the path of a tree URL. */
export function pathTokenOf(context: HttpCaseContext, url: string): string {
  return (
    targetOf(url)
      .slice(context.mount.length + 1)
      .split('/')[0] ?? ''
  )
}
