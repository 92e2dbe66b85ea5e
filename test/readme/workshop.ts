import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Block, fragmentOf, ROOT } from './markdown.js'

const GENERATED = fileURLToPath(new URL('.generated/', import.meta.url))
const TSC = join(ROOT, 'node_modules/.bin/tsc')
const PUBLISHED = ['client', 'core', 'drivers', 'express', 'fastify', 'hono', 'koa', 'ledgers', 'testkit']

/** Blocks that are for browsers, under a heading that is not. */
const FOR_BROWSERS = ['upload.ts', 'sign-request.ts', 'pause.ts', 'presign.ts']

const STRICT = {
  target: 'ES2022',
  module: 'nodenext',
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noImplicitReturns: true,
  verbatimModuleSyntax: true,
  noUnusedLocals: true,
  skipLibCheck: true,
}

/** How the compiler is to look at a block. */
type Kind = 'node-js' | 'node-ts' | 'browser'

const COMPILER: Readonly<Record<Kind, object>> = {
  'node-js': { ...STRICT, lib: ['ES2023'], types: ['node'], allowJs: true, checkJs: true, noEmit: true },
  'node-ts': { ...STRICT, lib: ['ES2023'], types: ['node'] },
  browser: { ...STRICT, lib: ['ES2023', 'DOM'], types: [] },
}

/** Where the file of a block is written, and run from. */
export function folderOf(block: Block): string {
  return join(GENERATED, dirname(block.readme), fragmentOf(block.heading))
}

/** The file of a block. */
export function fileOf(block: Block): string {
  return join(folderOf(block), block.name)
}

/** Builds the packages, so that the blocks meet them as an app does that installed them. */
export async function buildPackages(): Promise<void> {
  const { code, output } = await run(process.execPath, ['build.mjs', ...PUBLISHED], ROOT)
  if (code !== 0) throw new Error(`The packages do not build:\n${output}`)
}

/**
 * Writes every block of code to a file and compiles it: TypeScript is emitted beside its source, JavaScript is only
 * checked.
 *
 * @returns what the compiler found, with the lines of the README
 */
export async function makeFiles(blocks: readonly Block[]): Promise<string[]> {
  rmSync(GENERATED, { recursive: true, force: true })
  const kinds: Record<Kind, string[]> = { 'node-js': [], 'node-ts': [], browser: [] }
  for (const block of blocks) {
    mkdirSync(folderOf(block), { recursive: true })
    // Empty lines before it, so that errors name the lines of the README.
    writeFileSync(fileOf(block), '\n'.repeat(block.line - 1) + block.text)
    kinds[kindOf(block)].push(fileOf(block))
  }
  linkPackage('file-type', 'test')
  linkPackage('rate-limiter-flexible', 'packages/core')
  linkPackage('standardwebhooks', 'packages/core')
  linkPackage('@aws-sdk/client-s3', 'packages/drivers')
  mkdirSync(join(GENERATED, 'node_modules/@latchkey'), { recursive: true })
  symlinkSync(join(ROOT, 'packages/ledgers'), join(GENERATED, 'node_modules/@latchkey/ledgers'), 'junction')
  const found = await Promise.all(
    (Object.keys(kinds) as Kind[]).map(async (kind) => {
      const project = join(GENERATED, `tsconfig.${kind}.json`)
      writeFileSync(project, JSON.stringify({ compilerOptions: COMPILER[kind], files: kinds[kind] }))
      const { code, output } = await run(TSC, ['-p', project, '--pretty', 'false'], ROOT)
      return code === 0 ? [] : output.split('\n').filter((line) => line !== '')
    }),
  )
  return found.flat()
}

function kindOf(block: Block): Kind {
  if (block.heading === 'Browser' || FOR_BROWSERS.includes(block.name)) return 'browser'
  return block.language === 'ts' ? 'node-ts' : 'node-js'
}

/** Makes a package that another one brings resolve from the blocks, as the install line says. */
function linkPackage(name: string, from: string): void {
  const main = createRequire(join(ROOT, from, 'package.json')).resolve(name)
  const folder = main.slice(0, main.lastIndexOf(`/${name}/`) + name.length + 1)
  mkdirSync(dirname(join(GENERATED, 'node_modules', name)), { recursive: true })
  symlinkSync(folder, join(GENERATED, 'node_modules', name), 'junction')
}

/** What became of a program. */
export interface Outcome {
  readonly code: number
  /** Both of its outputs. */
  readonly output: string
  /** Without what was said beside it, such as a shell's warnings. */
  readonly stdout: string
}

/** Runs a program to its end. */
export function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { cwd, env: cleanEnv(env), maxBuffer: 64 * 1024 * 1024 }
    execFile(command, [...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ code, output: stdout + stderr, stdout })
    })
  })
}

/** The environment without what the test runner put there: an app would not have it. */
export function cleanEnv(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { NODE_ENV: _mode, NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, ...rest } = process.env
  return { ...rest, ...env }
}
