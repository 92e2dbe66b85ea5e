import { cell, figure } from './report.mjs'

/**
 * What we aim at. A goal that is missed is shown, and fails nothing.
 *
 * @typedef {object} Goal
 * @property {string} name
 * @property {(at: Look) => number | undefined} reached
 * @property {number} [least]
 * @property {number} [most]
 * @property {number} [stretch] what would be better still
 * @property {(major: number) => boolean} [on] the versions of Node that it is for; default all
 */

/** @typedef {(title: string, row: string, column: string) => number | undefined} Look */

const HMAC = 'to one createHmac'
const OURS = 'to Latchkey'
const PEER = 'to its peer, CPU'
const NGINX = 'to nginx secure_link'
const TO_BASE = 'to pipeline + rename, CPU'
const MULTIPART = ['busboy', 'multer', '@fastify/multipart']
const ADAPTERS = ['express', 'koa', 'fastify', 'hono']
const UPLOAD_SIZES = ['1 MiB', '100 MiB', '1 GiB']
const ACCEL = 'latchkey on fastify, sent by nginx'
const before24 = (/** @type {number} */ major) => major < 24
const from24 = (/** @type {number} */ major) => major >= 24

/** Least and stretch against the framework's own static files, by adapter and size. */
const SERVING = {
  express: { '1 KiB': [1.3, 1.8], '64 KiB': [1.7, 2.2], '1 MiB': [2, 2.6], '100 MiB': [1.5, 1.8] },
  koa: { '1 KiB': [3.5, 5], '64 KiB': [2.8, 4], '1 MiB': [2, 3], '100 MiB': [2, 2.6] },
  fastify: { '1 KiB': [2.8, 3.8], '64 KiB': [2.5, 3.5], '1 MiB': [2.3, 3], '100 MiB': [2.2, 3] },
  hono: { '1 KiB': [3.5, 5], '64 KiB': [2.3, 3.5], '1 MiB': [2.2, 3], '100 MiB': [2, 2.5] },
}

/** @type {readonly Goal[]} */
export const GOALS = [
  { name: `mint ${HMAC}`, most: 0.6, reached: (at) => at('Tokens: mint', 'latchkey', HMAC) },
  { name: `verify ${HMAC}`, most: 0.8, reached: (at) => at('Tokens: verify', 'latchkey', HMAC) },
  { name: 'mint: times jose', least: 25, reached: (at) => at('Tokens: mint', 'jose', OURS) },
  {
    name: 'mint: times @vercel/blob presignUrl',
    least: 60,
    reached: (at) => at('Tokens: mint', '@vercel/blob presignUrl', OURS),
  },
  { name: 'mint: times S3 presigner', least: 400, reached: (at) => at('Tokens: mint', 'S3 presigner', OURS) },
  ...ADAPTERS.flatMap(tokenShare),
  ...Object.entries(SERVING).flatMap(([adapter, sizes]) =>
    Object.entries(sizes).map(([size, [least = 0, stretch = 0]]) => ({
      name: `${adapter}, ${size}, ${PEER}`,
      least,
      stretch,
      reached: (/** @type {Look} */ at) => at(`Serving ${size}`, `latchkey on ${adapter}`, PEER),
    })),
  ),
  ...Object.entries({ '1 KiB': 0.4, '64 KiB': 0.3, '1 MiB': 0.55 }).flatMap(([size, least]) =>
    ADAPTERS.map((adapter) => ({
      name: `${adapter}, ${size}, ${NGINX}`,
      least,
      reached: (/** @type {Look} */ at) => at(`Serving ${size}`, `latchkey on ${adapter}`, NGINX),
    })),
  ),
  ...['1 MiB', '100 MiB'].map((size) => ({
    name: `sent by nginx, ${size}, ${NGINX}`,
    least: 0.9,
    reached: (/** @type {Look} */ at) => at(`Serving ${size}`, ACCEL, NGINX),
  })),
  ...UPLOAD_SIZES.flatMap(uploadGoals),
  {
    name: 'MiB at 64 downloads of 100 MiB, the most of the adapters',
    most: 90,
    on: before24,
    reached: (at) => most(ADAPTERS.map((adapter) => at(DOWNLOADS, `latchkey on ${adapter}`, 'MiB at most'))),
  },
  {
    name: 'MiB more at an upload of 1 GiB than at uploads of 1 MiB',
    most: 5,
    reached: (at) => at('Memory at an upload of 1 GiB, and at uploads of 1 MiB', 'latchkey', 'MiB more'),
  },
]

const DOWNLOADS = 'Memory at 64 downloads of 100 MiB at once'

/**
 * @param {string} adapter
 * @returns {Goal[]}
 */
function tokenShare(adapter) {
  const share = (/** @type {Look} */ at, /** @type {string} */ column) =>
    at('What a token costs at 1 KiB', `latchkey on ${adapter}`, column)
  return [
    { name: `${adapter}: new tokens take %`, most: 20, reached: (at) => share(at, 'new tokens take %') },
    {
      name: `${adapter}: a token seen before takes %`,
      most: 5,
      reached: (at) => share(at, 'a token seen before takes %'),
    },
  ]
}

/**
 * @param {string} size
 * @returns {Goal[]}
 */
function uploadGoals(size) {
  const title = `Uploads of ${size}`
  const times = (/** @type {Look} */ at, /** @type {string[]} */ peers) => {
    const [own, best] = [at(title, 'latchkey', TO_BASE), most(peers.map((peer) => at(title, peer, TO_BASE)))]
    return own === undefined || best === undefined ? undefined : own / best
  }
  const base = {
    name: `upload, ${size}, ${TO_BASE}`,
    reached: (/** @type {Look} */ at) => at(title, 'latchkey', TO_BASE),
  }
  return [
    { ...base, least: size === '1 MiB' ? 1.3 : 1.5, on: before24 },
    { ...base, least: 1.2, on: from24 },
    {
      name: `upload, ${size}, to the best multipart library, CPU`,
      least: 2,
      reached: (at) => times(at, MULTIPART),
    },
    { name: `upload, ${size}, to @tus/server, CPU`, least: 1.8, reached: (at) => times(at, ['@tus/server']) },
  ]
}

/** @param {readonly (number | undefined)[]} values */
function most(values) {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : Math.max(...known)
}

/**
 * Each goal of which the result has a figure, with what was reached.
 *
 * @param {Pick<import('./report.mjs').Result, 'machine' | 'parts'>} result
 * @returns {import('./report.mjs').Table}
 */
export function goalTable(result) {
  const major = Number(/\d+/.exec(String(result.machine.node))?.[0])
  const rows = GOALS.filter(({ on = () => true }) => on(major)).flatMap(
    ({ name, least, most, stretch, reached }) => {
      const value = reached((...at) => figure(result, ...at))
      if (value === undefined) return []
      const isMet =
        value >= (least ?? Number.NEGATIVE_INFINITY) && value <= (most ?? Number.POSITIVE_INFINITY)
      const goal = least === undefined ? `≤ ${most}` : `≥ ${least}`
      return [
        { name, values: [goal, stretch === undefined ? '' : cell(stretch), value, isMet ? 'yes' : 'no'] },
      ]
    },
  )
  return { title: 'Goals', columns: ['', 'goal', 'better still', 'reached', 'met'], rows }
}
