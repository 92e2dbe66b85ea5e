import { cell, counted, figure, tableMarkdown } from './report.mjs'
import { LOADS } from './serve/bench.mjs'
import { ACCEL, FROM_DISK, IN_TURN, SECURE_LINK } from './serve/contenders.mjs'
import { PEER_OF, WEB_STREAMS } from './serve/hosts.mjs'
import { SIZES } from './serve/objects.mjs'
import { countOf, UPLOADS, WARM_UPS } from './upload/bench.mjs'

/** @typedef {import('./report.mjs').Result} Result */

/** How people write the names of the frameworks. */
const FRAMEWORKS = /** @type {const} */ ({
  'latchkey on express': 'Express',
  'latchkey on koa': 'Koa',
  'latchkey on fastify': 'Fastify',
  'latchkey on hono': 'Hono',
})
const SERVED = [
  ...SIZES.map((size) => ({ label: `${size}`, title: `Serving ${size}` })),
  { label: 'range', title: 'Serving 64 KiB of 1 MiB (206)' },
  { label: '304', title: 'Not modified (304)' },
]
const WHAT = {
  tokens: 'mint, verify, attenuate',
  serve: 'downloads; needs `wrk`, and `nginx` or goes without',
  upload: 'uploads',
  memory: 'memory at large downloads and uploads; needs `wrk`',
  growth: 'more connections, more objects; needs `wrk`',
}

/**
 * The README's figures, all of them from one result.
 *
 * @param {Result} result
 * @param {readonly number[]} majors the versions of Node of which results are kept
 */
export function performanceSection(result, majors) {
  const { machine, run } = result
  const links = majors.map((major) => `[Node ${major}](test/bench/results/node-${major}.md)`)
  return [
    `Measured on ${machine.date} with Node ${String(machine.node).slice(1)} on ${machine.cpu}, ${machine.cores} cores, ${machine.memory}, ${machine.system}; medians of ${counted(run.rounds)}, interleaved.\nThe figures belong to that machine; ratios tell more. All of them, with the versions measured: ${links.join(', ')}.`,
    '![Signed downloads beside the static files of each framework](test/bench/results/serving.svg)',
    '**Downloads.** How many times the requests a second of CPU serves: ours are signed, the framework’s own static files are not. ' +
      `Each server has answered the same for ${warmUps()} before. A framework’s two take turns by themselves: a server that idled for 8 seconds would give memory back, and be measured while it takes that anew.`,
    servingTable(result),
    'The same object is asked for all the time, so that up to 64 KiB come from the memory of `fsDriver`, larger files are open already, and requests that come together share one look at the file; ‘in turn’ is without the last, ‘from the disk’ with `contentCacheSize: 0`. A cell is empty where the other one does not do it, or was not measured.',
    '**What a token takes** of the CPU of a download of 1 KiB, beside the cheaper of the same object as a public one and with a token seen before:',
    tokenShareTable(result),
    '**Tokens.** CPU in µs:',
    tokenTable(result),
    '**Uploads.** How many times the uploads a second of CPU takes, to `pipeline(request, createWriteStream(…))` and `rename`, ' +
      `by a server that has taken ${countOf(WARM_UPS)} others before, and whose files lie in memory that was used a moment ago:`,
    uploadTable(result),
    '**Memory** in MiB, at 64 downloads of 100 MiB at once:',
    memoryTable(result),
    uploadMemory(result),
    'To measure it yourself, in a clone of this repository on Linux:',
    commandTable(result),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n')
}

function warmUps() {
  const seconds = Object.values(LOADS).map(({ warmUpSeconds }) => warmUpSeconds)
  return `${Math.min(...seconds)} to ${Math.max(...seconds)} seconds`
}

/** @param {Result} result */
export function servingPlot(result) {
  return {
    title: ['Signed downloads, per second of CPU', 'to the framework’s own unsigned static files'],
    groups: SIZES.map((size) => ({
      label: size,
      bars: Object.entries(FRAMEWORKS).flatMap(([row, name]) => {
        const value = figure(result, `Serving ${size}`, row, 'to its peer, CPU')
        return value === undefined ? [] : [{ name, value }]
      }),
    })),
  }
}

/** @param {Result} result */
function servingTable(result) {
  const row = (/** @type {string} */ name, /** @type {string} */ contender, /** @type {string} */ column) => [
    name,
    ...SERVED.map(({ title }) => times(figure(result, title, contender, `${column}, CPU`))),
  ]
  const frameworks = Object.entries(FRAMEWORKS)
  return knownTable(
    ['', ...SERVED.map(({ label }) => label)],
    [
      ...frameworks.map(([contender, name]) =>
        row(`${name}, to \`${peerOf(contender)}\``, contender, 'to its peer'),
      ),
      row('Hono with `nodeResponse: false`, to `serveStatic`', WEB_STREAMS, 'to its peer'),
      row('Fastify, 1 000 objects in turn, to `@fastify/static`', IN_TURN, 'to its peer'),
      row('Fastify, every object from the disk, to `@fastify/static`', FROM_DISK, 'to its peer'),
      ...frameworks.map(([contender, name]) =>
        row(`${name}, to nginx \`secure_link\``, contender, `to ${SECURE_LINK}`),
      ),
      row('Fastify with `accel`, to nginx `secure_link`', ACCEL, `to ${SECURE_LINK}`),
    ],
  )
}

/** @param {Result} result */
function tokenShareTable(result) {
  const share = (/** @type {string} */ contender, /** @type {string} */ column) =>
    percent(figure(result, 'What a token costs at 1 KiB', contender, column))
  const rows = Object.entries(FRAMEWORKS).map(([contender, name]) => [
    name,
    share(contender, 'new tokens take %'),
    share(contender, 'a token seen before takes %'),
  ])
  return knownTable(['', 'a new one', 'one seen before'], rows)
}

/** @param {Result} result */
function tokenTable(result) {
  const groups = ['mint', 'verify', 'attenuate']
  const names = groups.flatMap((group) =>
    (result.parts.tokens?.find(({ title }) => title === `Tokens: ${group}`)?.rows ?? []).map(
      ({ name }) => name,
    ),
  )
  const ours = names.filter((name) => name.startsWith('latchkey'))
  const rows = [...new Set([...ours, ...names])].map((name) => [
    name.replace('latchkey', 'Latchkey'),
    ...groups.map((group) => cell(figure(result, `Tokens: ${group}`, name, 'CPU µs'))),
  ])
  return knownTable(['', ...groups], rows)
}

/** @param {Result} result */
function uploadTable(result) {
  const sizes = Object.keys(UPLOADS)
  const names = result.parts.upload?.[0]?.rows.map(({ name }) => name) ?? []
  const rows = names.map((name) => [
    name.replace('latchkey', 'Latchkey'),
    ...sizes.map((size) => times(figure(result, `Uploads of ${size}`, name, 'to pipeline + rename, CPU'))),
  ])
  return knownTable(['', ...sizes], rows)
}

/** @param {Result} result */
function memoryTable(result) {
  const at = (/** @type {string} */ row) =>
    cell(figure(result, 'Memory at 64 downloads of 100 MiB at once', row, 'MiB at most'))
  const rows = Object.entries(FRAMEWORKS).map(([contender, name]) => {
    const peer = PEER_OF[/** @type {keyof typeof FRAMEWORKS} */ (contender)]
    return [`${name}, beside \`${peerOf(contender)}\``, at(contender), at(peer)]
  })
  return knownTable(['', 'Latchkey', 'static files'], rows)
}

/** @param {Result} result */
function uploadMemory(result) {
  const title = 'Memory at an upload of 1 GiB, and at uploads of 1 MiB'
  const [small, large] = ['1 MiB', '1 GiB'].map((size) =>
    figure(result, title, 'latchkey', `MiB at most, ${size}`),
  )
  return small === undefined || large === undefined
    ? ''
    : `Uploads of 1 MiB take at most ${cell(small)} MiB, and one of 1 GiB takes ${cell(large)} MiB.`
}

/** @param {Result} result */
function commandTable({ run }) {
  const minutes = Math.ceil(Object.values(run.seconds).reduce((sum, each) => sum + each, 0) / 60)
  const rows = [
    ['`npm run bench`', 'all of it; writes the results and this section', `${minutes} min`],
    ...Object.entries(WHAT).map(([part, what]) => [
      `\`npm run bench -- ${part}\``,
      what,
      `${run.seconds[part]} s`,
    ]),
    ['`npm run bench -- --rounds 1`', 'with fewer rounds', ''],
    ['`npm run bench -- --node PATH`', 'under another Node', ''],
  ]
  const lines = [['command', 'what it measures', 'took'], ['---', '---', '---'], ...rows]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/**
 * What people call the framework's own way.
 *
 * @param {string} contender
 */
function peerOf(contender) {
  return PEER_OF[/** @type {keyof typeof FRAMEWORKS} */ (contender)].replace('hono ', '')
}

/**
 * A table without the rows of which the run has nothing.
 *
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
function knownTable(head, rows) {
  return tableMarkdown(
    head,
    rows.filter((row) => row.slice(1).some((text) => text !== '')),
  )
}

/** @param {number | undefined} value */
function times(value) {
  return value === undefined ? '' : `${cell(value)}×`
}

/** @param {number | undefined} value */
function percent(value) {
  return value === undefined ? '' : `${Math.round(value) || 0} %`
}
