import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'

/** What a page loads: one module without imports. */
export interface Bundle {
  readonly code: string
  /** Bytes, compressed as a server does. */
  readonly gzipped: number
}

/** Bundles an entry of the client for browsers, minified. */
export async function bundleClient(entry: 'index' | 'presign', exports?: readonly string[]): Promise<Bundle> {
  const source = fileURLToPath(new URL(`../../packages/client/src/${entry}.ts`, import.meta.url))
  const bundle = await rolldown({
    input: 'entry',
    platform: 'browser',
    resolve: { conditionNames: ['source', 'browser', 'import', 'default'] },
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === 'entry' ? '\0entry' : null),
        load: (id) => (id === '\0entry' ? `export ${namesOf(exports)} from ${JSON.stringify(source)}` : null),
      },
    ],
  })
  try {
    const { output } = await bundle.generate({ format: 'es', minify: true })
    const [chunk, ...others] = output
    if (others.length > 0 || chunk.imports.length > 0) throw new Error(`${entry} is not one module`)
    return { code: chunk.code, gzipped: gzipSync(chunk.code, { level: 9 }).byteLength }
  } finally {
    await bundle.close()
  }
}

function namesOf(exports: readonly string[] | undefined): string {
  return exports === undefined ? '*' : `{ ${exports.join(', ')} }`
}
