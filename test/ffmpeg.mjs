import { ensureProgram, findProgram } from './program.mjs'

/** @type {import('./program.mjs').Program} */
const FFMPEG = {
  name: 'ffmpeg',
  variable: 'FFMPEG_PATH',
  commands: ['ffmpeg'],
  packages: ['ffmpeg'],
  howToInstall: { darwin: 'brew install ffmpeg', win32: 'winget install Gyan.FFmpeg' },
}

/** @type {import('./program.mjs').Program} */
const FFPROBE = { ...FFMPEG, name: 'ffprobe', variable: 'FFPROBE_PATH', commands: ['ffprobe'] }

/** Looks for ffmpeg: in `FFMPEG_PATH`, in the path. */
export function findFfmpeg() {
  return findProgram(FFMPEG)
}

/** Looks for ffprobe, which comes with ffmpeg. */
export function findFfprobe() {
  return findProgram(FFPROBE)
}

/** As `findFfmpeg`, but installs it where that needs no password. */
export function ensureFfmpeg() {
  return ensureProgram(FFMPEG)
}
