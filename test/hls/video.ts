import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findFfmpeg } from '../ffmpeg.mjs'

const run = promisify(execFile)

/** How long the video is, and each of its segments, in seconds. */
export const SECONDS = 4
const SEGMENT_SECONDS = 1

/** The files of a real HLS video, by their names: a playlist that names its segments relatively. */
export type Video = ReadonlyMap<string, Buffer>

/** Has ffmpeg make a small video with sound: `index.m3u8` and its segments. */
export async function makeVideo(): Promise<Video> {
  const found = findFfmpeg()
  if (!('path' in found)) throw new Error(found.missing)
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-hls-'))
  try {
    const picture = ['-f', 'lavfi', '-i', 'testsrc=size=160x90:rate=25']
    const sound = ['-f', 'lavfi', '-i', 'sine=frequency=440']
    const codecs = [
      '-c:v',
      'libx264',
      '-profile:v',
      'baseline',
      '-pix_fmt',
      'yuv420p',
      '-g',
      '25',
      '-c:a',
      'aac',
    ]
    const hls = ['-f', 'hls', '-hls_time', String(SEGMENT_SECONDS), '-hls_playlist_type', 'vod']
    const output = ['-hls_segment_filename', 'seg-%d.ts', 'index.m3u8']
    const args = ['-v', 'error', ...picture, ...sound, '-t', String(SECONDS), ...codecs, ...hls, ...output]
    await run(found.path, args, { cwd: folder })
    const names = await readdir(folder)
    const files = await Promise.all(
      names.map(async (name) => [name, await readFile(join(folder, name))] as const),
    )
    return new Map(files)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The names of a video's segments. */
export function segmentsOf(video: Video): string[] {
  return [...video.keys()].filter((name) => name.endsWith('.ts')).sort()
}
