import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLatchkey } from '@latchkey/core'
import { memoryDriver } from '@latchkey/drivers/memory'
import { driverCases, ledgerCases } from '@latchkey/testkit'
import { chromium, type Page } from 'playwright-core'
import { rolldown } from 'rolldown'
import { beforeAll, describe, expect, onTestFinished, type TestContext, test } from 'vitest'
import { nginxBlock } from '../delivery/nginx-block.mjs'
import { bucketCors } from '../direct/bucket-cors.js'
import type { Engine } from '../engines/engine.js'
import { startPostgres } from '../engines/postgres.js'
import { findPostgres, findRedis } from '../engines/programs.mjs'
import { startRedis } from '../engines/redis.js'
import { needProgram } from '../need-program.js'
import { type ExampleApp, startApp } from './example-app.js'
import { type Block, fragmentOf, READMES, ROOT, readReadme } from './markdown.js'
import { buildPackages, fileOf, folderOf, makeFiles, type Outcome, run } from './workshop.js'

const readmes = READMES.map(readReadme)
const blocks = readmes.flatMap((readme) => readme.blocks)
const code = blocks.filter(({ language }) => language === 'js' || language === 'ts')
const installs = blocks.filter(({ language, name }) => language === 'sh' && name === '')

const AUTHORIZATION = 'Bearer let-me-in'
const SECRET = 'a secret of the tests of the README'
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

/** How each block is run. A block without an entry fails, and so does an entry without a block. */
const RUNS: Readonly<Record<string, (block: Block, context: TestContext) => Promise<void>>> = {
  'README.md › Try it › start': async () => {
    const app = await startPhotos('Express')
    expect((await ask(app)).upload.method).toBe('PUT')
  },
  'README.md › Express › server.mjs': photosApp,
  'README.md › Koa › server.mjs': photosApp,
  'README.md › Fastify › server.mjs': photosApp,
  'README.md › Hono › server.mjs': photosApp,
  'README.md › curl › ask': curlAsk,
  'README.md › curl › upload': curlUpload,
  'README.md › curl › read': curlRead,
  'README.md › curl › download': curlDownload,
  'README.md › Browser › fetch.ts': browserUpload,
  'README.md › Browser › progress.ts': browserUpload,
  'README.md › Let the browser ask › server.mjs': mintingApp,
  'README.md › Let the browser ask › upload.ts': clientUpload,
  'README.md › Let the browser ask › sign': curlSign,
  'README.md › Let the browser ask › bearer.mjs': bearerAndLimit,
  'README.md › Uploads in parts › sign-request.ts': signedParts,
  'README.md › When an upload is complete › completed.mjs': completion,
  'README.md › When an upload is complete › receiver.mjs': completion,
  'README.md › Hand out a delegation › delegate.mjs': delegation,
  'README.md › Count downloads › once.mjs': countedDownloads,
  'README.md › Revoke URLs › revoke.mjs': revokedLinks,
  'README.md › Choose a ledger › file-ledger.mjs': (block) => countedByAll(block),
  'README.md › Count in Redis › redis-ledger.mjs': async (block, context) => {
    needProgram('Redis', findRedis(), context)
    await countedByAll(block, { REDIS_URL: await urlOf(startRedis()) })
  },
  'README.md › Count in PostgreSQL › postgres-ledger.mjs': async (block, context) => {
    needProgram('PostgreSQL', findPostgres(), context)
    await countedByAll(block, { DATABASE_URL: await urlOf(startPostgres()) })
  },
  'README.md › Who sends the bytes › accel.mjs': async (block) => {
    const { output } = await runScript(
      `import { files } from './${block.name}'; console.log(typeof files.handle)`,
      block,
    )
    expect(output).toBe('function\n')
  },
  'README.md › Who sends the bytes › location': async ({ text }) => {
    // nginx itself runs it, in the tests of the delivery.
    expect(nginxBlock('http://127.0.0.1:1', '/tmp')).toBe(
      text.replace('http://127.0.0.1:3000', 'http://127.0.0.1:1').replace('/srv/app/data/', '/tmp/'),
    )
  },
  'README.md › Who takes the bytes › direct.mjs': announcedUpload,
  'README.md › Who takes the bytes › cors.json': async ({ text }) => {
    // Chromium sends files under it, in the tests of the client.
    expect(JSON.parse(text)).toEqual(bucketCors('https://app.example.com'))
  },
  'README.md › Open a tree › tree.mjs': openedTree,
  'README.md › Public files › public.mjs': publishedLogo,
  'README.md › Open a tree with a cookie › server.mjs': openedByCookie,
  'README.md › Bind to addresses › server.mjs': boundToAddresses,
  'README.md › URLs that stay the same › stable.mjs': stableUrl,
  'README.md › Sign your own routes › express.mjs': guardedRoute,
  'README.md › Sign your own routes › koa.mjs': guardedRoute,
  'README.md › Sign your own routes › fastify.mjs': guardedRoute,
  'README.md › Sign your own routes › hono.mjs': guardedRoute,
  'README.md › Change a signing key › keys.mjs': rotation,
  'README.md › Change a signing key › reload.mjs': reloadedKeys,
  'README.md › Security › sniff.mjs': sniffing,
  'README.md › Files in a bucket › bucket.mjs': filesInBucket,
  'README.md › Storage libraries › flydrive.mjs': suffixedUpload,
  'README.md › Storage libraries › flystorage.mjs': storedInLibrary,
  'README.md › Storage libraries › unstorage.mjs': storedInLibrary,
  'README.md › Write a driver › map-driver.ts': servedDriver,
  'README.md › Write a driver › driver-cases.ts': driverTests,
  'README.md › Errors and diagnostics › errors.mjs': async (block) => {
    const { code, output } = await runNode([block.name], block)
    expect({ code, output }).toEqual({ code: 0, output: 'invalid_key\n' })
  },
  'README.md › Errors and diagnostics › refused.mjs': refusedEvents,
  'packages/core/README.md › @latchkey/core › mint.mjs': mintedUrls,
  'packages/client/README.md › @latchkey/client › upload.ts': clientSave,
  'packages/client/README.md › @latchkey/client › pause.ts': pausedUpload,
  'packages/client/README.md › @latchkey/client › presign.ts': presignedLink,
  'packages/ledgers/README.md › @latchkey/ledgers › twice.mjs': downloadedTwice,
  'packages/drivers/README.md › @latchkey/drivers › storage.mjs': chosenStorage,
  'packages/express/README.md › @latchkey/express › server.mjs': helloApp,
  'packages/fastify/README.md › @latchkey/fastify › server.mjs': helloApp,
  'packages/hono/README.md › @latchkey/hono › server.mjs': helloApp,
  'packages/koa/README.md › @latchkey/koa › server.mjs': helloApp,
  'packages/testkit/README.md › @latchkey/testkit › driver-cases.mjs': driverTests,
  'packages/testkit/README.md › @latchkey/testkit › ledger-cases.mjs': ledgerTests,
}

let diagnostics: string[] = []

beforeAll(async () => {
  await buildPackages()
  diagnostics = await makeFiles(code)
}, 180_000)

test('every block is run: by its entry, or as an install line', () => {
  const named = blocks.filter((block) => !installs.includes(block)).map(idOf)
  expect(named).toEqual([...new Set(named)])
  expect([...named].sort()).toEqual(Object.keys(RUNS).sort())
})

test('every block of code compiles as strictly as TypeScript can', () => {
  expect(diagnostics).toEqual([])
})

test.each(code.map((block) => [idOf(block), block] as const))(
  '%s is formatted and free of lint',
  (_id, block) => {
    const biome = join(ROOT, 'node_modules/.bin/biome')
    const path = `block-of-readme.${block.language}`
    const script = `"${biome}" check --error-on-warnings --write --stdin-file-path=${path} < "$FILE"`
    return run('bash', ['-c', script], ROOT, { FILE: fileOf(block) }).then(({ output }) => {
      expect(output.trim()).toBe(block.text.trim())
    })
  },
)

describe.sequential('blocks', () => {
  for (const block of blocks) {
    const runBlock = RUNS[idOf(block)]
    if (runBlock !== undefined) test(idOf(block), (context) => runBlock(block, context), 60_000)
  }
})

describe('install lines', () => {
  const known = knownPackages()

  test.each(installs.map((block) => [`${block.readme}:${block.line}`, block] as const))(
    '%s names packages of this workspace and those that they work with',
    (_where, block) => {
      for (const line of block.text.trim().split('\n')) {
        expect(line).toMatch(/^npm install (--save-dev )?[@\w]/)
        for (const name of packagesIn(line)) expect(known).toContain(name)
      }
    },
  )

  test.each(code.map((block) => [idOf(block), block] as const))(
    '%s imports what they install',
    (_id, block) => {
      const ofReadme = installs.filter(({ readme }) => readme === block.readme)
      const ofSection = ofReadme.filter(({ heading }) => heading === block.heading)
      const lines = (ofSection.length > 0 ? ofSection : ofReadme).flatMap(({ text }) => text.split('\n'))
      const installed = lines.flatMap(packagesIn)
      for (const name of importedPackages(block)) expect(installed).toContain(name)
    },
  )
})

test('every link inside the repository leads somewhere', () => {
  for (const { path, text } of readmes) {
    for (const [, target = ''] of text.matchAll(/\]\(([^)]+)\)/g)) {
      if (/^https?:/.test(target)) continue
      const [file = '', fragment] = target.split('#')
      const linked = file === '' ? path : join(dirname(path), file)
      expect(existsSync(join(ROOT, linked)), `${path} links to ${linked}`).toBe(true)
      if (fragment === undefined) continue
      expect(readReadme(linked).headings.map(fragmentOf), `${path} links to ${target}`).toContain(fragment)
    }
  }
})

test('every command that is named is a script of the repository', () => {
  const { scripts } = readJson<{ scripts: Record<string, string> }>('package.json')
  for (const { text } of readmes) {
    for (const [, name = ''] of text.matchAll(/`npm (?:run )?(?!install)([\w-]+)`/g)) {
      expect(scripts[name], name).toBeDefined()
      const file = /\bnode (?:--\S+ )*(\S+)/.exec(scripts[name] ?? '')?.[1]
      if (file !== undefined) expect(existsSync(join(ROOT, file)), file).toBe(true)
    }
  }
})

test('an app that is killed in the middle of an upload keeps no trace of it', async () => {
  const app = await startPhotos('Express')
  const { name, upload } = await ask(app)
  const put = httpRequest(upload.url, { method: 'PUT', headers: { 'content-length': PNG.byteLength + 1 } })
  put.on('error', () => {})
  put.write(PNG)
  const temp = join(photosFolder('Express'), 'data/.latchkey/tmp')
  await expect.poll(() => readdirSync(temp).length).toBe(1)
  await app.stop('SIGKILL')

  const again = await startPhotos('Express')
  expect((await askToRead(again, name)).status).toBe(404)
  await expect.poll(() => readdirSync(temp)).toEqual([])
  // The secret is a new one, as the block for the start makes one each time.
  expect(await codeOf(await fetch(movedTo(again, upload.url), { method: 'PUT', body: PNG }))).toBe(
    'invalid_signature',
  )
}, 60_000)

/** What the examples of the four frameworks do, told by the text around them. */
async function photosApp(block: Block): Promise<void> {
  const app = await startPhotos(block.heading)
  expect((await fetch(`${app.origin}/photos`, { method: 'POST' })).status).toBe(401)
  expect((await fetch(`${app.origin}/photos/x.png`)).status).toBe(401)
  expect((await askToRead(app, 'x.png')).status).toBe(404)
  expect((await askToRead(app, '..%2F..%2Fserver.mjs')).status).toBe(404)

  const { name, upload } = await ask(app)
  const put = (body: Uint8Array, type: string) =>
    fetch(upload.url, { method: upload.method, body, headers: { 'content-type': type } })
  expect(await codeOf(await put(PNG, 'text/html'))).toBe('type_not_allowed')
  expect(await codeOf(await put(new Uint8Array(5 * 1024 * 1024 + 1), 'image/png'))).toBe('too_large')
  expect(await codeOf(await fetch(tampered(upload.url), { method: 'PUT', body: PNG }))).toBe(
    'invalid_signature',
  )
  expect(await refusedBeforeTheBody(upload.url)).toBe(413)
  const stored = await put(PNG, 'image/png')
  expect(stored.status).toBe(201)
  expect(await stored.json()).toMatchObject({
    key: `photos/${name}`,
    size: PNG.byteLength,
    contentType: 'image/png',
  })
  expect(await codeOf(await put(PNG, 'image/png'))).toBe('exists')

  const answer = await askToRead(app, name)
  expect(answer.status).toBe(200)
  const { url } = (await answer.json()) as { url: string }
  const whole = await fetch(url)
  expect(whole.status).toBe(200)
  expect(whole.headers.get('content-type')).toBe('image/png')
  expect(Buffer.from(await whole.arrayBuffer())).toEqual(PNG)
  const range = await fetch(url, { headers: { range: 'bytes=1-3' } })
  expect([range.status, await range.text()]).toEqual([206, 'PNG'])
  expect(await codeOf(await fetch(tampered(url)))).toBe('invalid_signature')
  expect(await codeOf(await fetch(url.replace(name, 'other.png')))).toBe('invalid_signature')
  expect(await codeOf(await fetch(upload.url))).toBe('invalid_signature')
  expect(await codeOf(await fetch(url.split('?')[0] ?? ''))).toBe('token_required')
}

/** What the examples in the packages' own READMEs do. */
async function helloApp(block: Block): Promise<void> {
  const app = await startApp('node server.mjs', folderOf(block), { LATCHKEY_SECRET: SECRET })
  onTestFinished(() => app.stop())
  await expect.poll(app.output).toMatch(/open http\S+\n/)
  mkdirSync(join(folderOf(block), 'data'), { recursive: true })
  writeFileSync(join(folderOf(block), 'data/hello.txt'), 'hello')
  const url = /open (http\S+)/.exec(app.output())?.[1] ?? ''
  expect(await (await fetch(url)).text()).toBe('hello')
  expect(await codeOf(await fetch(tampered(url)))).toBe('invalid_signature')
}

async function guardedRoute(block: Block): Promise<void> {
  const app = await startApp(`node ${block.name}`, folderOf(block), { LATCHKEY_SECRET: SECRET })
  onTestFinished(() => app.stop())
  await expect.poll(app.output).toMatch(/http\S+\n/)
  const url = app.output().trim()
  expect(await (await fetch(url)).text()).toBe('ada left news')
  expect(await codeOf(await fetch(url.replace('news', 'work')))).toBe('invalid_signature')
  expect(await codeOf(await fetch(url.replace('&token', '&more&token')))).toBe('invalid_signature')
  expect((await fetch(url.split('?')[0] ?? '')).status).toBe(403)
}

async function curlAsk(block: Block): Promise<void> {
  const app = await startPhotos('Express')
  const { code, output, stdout } = await shell(block, app)
  expect(code, output).toBe(0)
  expect(Object.keys(JSON.parse(stdout)).sort()).toEqual(['name', 'upload'])
  const { upload } = JSON.parse(stdout) as Asked
  expect(Object.keys(upload).sort()).toEqual(['expiresAt', 'method', 'url'])
}

async function curlUpload(block: Block): Promise<void> {
  const app = await startPhotos('Express')
  const { name, upload } = await ask(app)
  writeFileSync(join(folderOf(block), 'photo.png'), PNG)
  const { code, output, stdout } = await shell(block, app, { UPLOAD_URL: upload.url })
  expect(code, output).toBe(0)
  const stored: unknown = JSON.parse(stdout)
  expect(stored).toMatchObject({ key: `photos/${name}`, size: PNG.byteLength, contentType: 'image/png' })
  expect(stored).toHaveProperty('etag')

  writeFileSync(join(folderOf(block), 'photo.png'), new Uint8Array(6 * 1024 * 1024))
  const report = "-w '%{http_code} %{size_upload}' -o refused.json"
  const large = await shell({ ...block, text: block.text.replace('curl', `curl ${report}`) }, app, {
    UPLOAD_URL: (await ask(app)).upload.url,
  })
  expect(large.stdout).toBe('413 0')
}

async function curlRead(block: Block): Promise<void> {
  const app = await startPhotos('Express')
  const { code, output, stdout } = await shell(block, app, { NAME: await uploaded(app, PNG) })
  expect(code, output).toBe(0)
  expect(Object.keys(JSON.parse(stdout)).sort()).toEqual(['expiresAt', 'url'])
}

async function curlDownload(block: Block): Promise<void> {
  const app = await startPhotos('Express')
  const bytes = Buffer.concat([PNG, Buffer.alloc(300_000, 'x')])
  const answer = await askToRead(app, await uploaded(app, bytes))
  const { url } = (await answer.json()) as { url: string }
  const file = join(folderOf(block), 'photo.png')
  const lines = block.text.trim().split('\n')
  expect(lines).toHaveLength(3)
  const [whole = '', resumed = '', head = ''] = lines

  expect((await shell({ ...block, text: whole }, app, { URL: url })).code).toBe(0)
  expect(readFileSync(file)).toEqual(bytes)
  writeFileSync(file, bytes.subarray(0, 1234))
  const rest = await shell({ ...block, text: `${resumed} -w '%{http_code} %{size_download}'` }, app, {
    URL: url,
  })
  expect(rest.stdout).toBe(`206 ${bytes.byteLength - 1234}`)
  expect(readFileSync(file)).toEqual(bytes)
  const headers = await shell({ ...block, text: head }, app, { URL: url })
  expect(headers.stdout).toMatch(/^HTTP\/1\.1 200 /)
  expect(headers.stdout.toLowerCase()).toContain(`content-length: ${bytes.byteLength}`)
}

async function browserUpload(block: Block, context: TestContext): Promise<void> {
  const app = await startPhotos('Express')
  const page = await openPage(app, block, context)
  const { name, upload } = await ask(app)
  const put = (type: string, size: number) =>
    page.evaluate(`(async () => {
      const { put } = await import('/${basename(scriptOf(block))}')
      const bytes = new Uint8Array(${size})
      bytes.set(Uint8Array.from(atob('${PNG.toString('base64')}'), (letter) => letter.charCodeAt(0)))
      const told = []
      const done = put(${JSON.stringify(upload)}, new File([bytes], 'x', { type: '${type}' }), (fraction) => told.push(fraction))
      return done.then(() => told.at(-1) ?? 'stored', (error) => error.message)
    })()`)
  expect(await put('text/plain', 100)).toContain('type_not_allowed')
  expect(await put('image/png', 900_000)).toBe(block.name === 'progress.ts' ? 1 : 'stored')

  const { url } = (await (await askToRead(app, name)).json()) as { url: string }
  const width = `new Promise((resolve) => {
    const image = new Image()
    image.onload = () => resolve(image.naturalWidth)
    image.onerror = () => resolve('error')
    image.src = ${JSON.stringify(url)}
  })`
  expect(await page.evaluate(width)).toBe(1)
}

/** The app that lets clients ask the mount, with the block that says how to start an app. */
async function startMinting(): Promise<ExampleApp> {
  const folder = folderOf(blockOf('README.md › Let the browser ask › server.mjs'))
  const app = await startApp(blockOf('README.md › Try it › start').text, folder)
  onTestFinished(() => app.stop())
  return app
}

function mint(
  app: ExampleApp,
  route: string,
  body: object,
  authorization = AUTHORIZATION,
): Promise<Response> {
  const headers = { authorization, 'content-type': 'application/json' }
  return fetch(`${app.origin}/files/${route}`, { method: 'POST', headers, body: JSON.stringify(body) })
}

async function mintingApp(): Promise<void> {
  const app = await startMinting()
  const key = `photos/${randomUUID()}.png`
  expect(await codeOf(await mint(app, 'signed-uploads', { key }, 'Bearer wrong'))).toBe('unauthorized')
  expect(await codeOf(await mint(app, 'signed-uploads', { key: 'other/a.png' }))).toBe('forbidden')
  expect(await codeOf(await mint(app, 'signed-uploads', { key, contentType: 'text/html' }))).toBe(
    'type_not_allowed',
  )
  expect(await codeOf(await mint(app, `${key}/signed-url`, {}))).toBe('not_found')
  const reply = await mint(app, 'signed-uploads', { key, contentType: 'image/png' })
  const { url, method } = (await reply.json()) as { url: string; method: string }
  const stored = await fetch(url, { method, body: PNG, headers: { 'content-type': 'image/png' } })
  expect(stored.status).toBe(201)
  expect(await codeOf(await mint(app, `${key}/signed-url`, { operation: 'delete' }))).toBe('forbidden')
  const link = (await (await mint(app, `${key}/signed-url`, {})).json()) as { url: string }
  expect(Buffer.from(await (await fetch(link.url)).arrayBuffer())).toEqual(PNG)
}

async function clientUpload(block: Block, context: TestContext): Promise<void> {
  const app = await startMinting()
  const page = await openPage(app, block, context)
  const requests: string[] = []
  page.on('request', (request) => requests.push(request.url()))
  const save = (name: string, type: string, size: number) =>
    page.evaluate(`(async () => {
      const { save } = await import('/${basename(scriptOf(block))}')
      const bar = document.createElement('progress')
      const file = new File([new Uint8Array(${size})], '${name}', { type: '${type}' })
      return [await save(file, 'let-me-in', bar), bar.value]
    })()`)
  const name = randomUUID()
  expect(await save('page.html', 'text/html', 9)).toEqual(['type_not_allowed', 0])
  expect(await save(`${name}.png`, 'image/png', 900_000)).toEqual([`photos/${name}.png`, 1])
  expect(requests.some((url) => url.includes('partNumber='))).toBe(false)
  expect(await save(`${name}.mp4`, 'video/mp4', 17 * 1024 * 1024)).toEqual([`photos/${name}.mp4`, 1])
  expect(requests.filter((url) => url.includes('partNumber='))).toHaveLength(3)
}

async function curlSign(block: Block): Promise<void> {
  const app = await startMinting()
  const name = `${randomUUID()}.png`
  const minted = await mint(app, 'signed-uploads', { key: `photos/${name}`, contentType: 'image/png' })
  const { url } = (await minted.json()) as { url: string }
  await fetch(url, { method: 'PUT', body: PNG, headers: { 'content-type': 'image/png' } })
  const { code, output } = await shell(block, app, { NAME: name })
  expect(code, output).toBe(0)
  expect(Object.keys(JSON.parse(output))).toEqual(['url', 'expires_at'])
}

async function bearerAndLimit(block: Block): Promise<void> {
  const script = `
    import { files } from './${block.name}'
    const ask = async (key, path = '/signed-uploads', json = { key: 'a' }) => {
      const headers = { authorization: 'Bearer ' + key, 'content-type': 'application/json' }
      const body = (async function* () { yield Buffer.from(JSON.stringify(json)) })()
      return files.handle({ method: 'POST', path, header: (name) => headers[name], body, bodyAlreadyRead: false })
    }
    console.log((await ask('${SECRET.replaceAll(' ', '-')}')).status, (await ask('another-key-of-nobody')).status)
    const urls = Array(99).fill({ key: 'a' })
    const over = await ask('another-key-of-nobody', '/signed-urls', { urls })
    console.log(over.status, Number(over.headers['retry-after']) > 0)
  `
  const { output } = await runScript(script, block, { API_KEY: SECRET.replaceAll(' ', '-') })
  expect(output).toBe('200 401\n429 true\n')
}

/** What a client of S3 does, each of whose requests the block has signed. */
async function signedParts(block: Block, context: TestContext): Promise<void> {
  const app = await startMinting()
  const page = await openPage(app, block, context)
  const key = `photos/${randomUUID()}.png`
  const told = await page.evaluate(`(async () => {
    const { signRequest } = await import('/${basename(scriptOf(block))}')
    const key = ${JSON.stringify(key)}
    const act = async (request, body) => {
      const { url, headers } = await signRequest({ key, ...request })
      return fetch(url, { method: request.method, headers: headers ?? {}, body })
    }
    const begun = await (await act({ method: 'POST', contentType: 'image/png' })).text()
    const uploadId = /<UploadId>(.*)<[/]UploadId>/.exec(begun)[1]
    const parts = []
    for (const [at, text] of ['one', 'two'].entries()) {
      const reply = await act({ method: 'PUT', uploadId, partNumber: at + 1 }, text)
      parts.push('<Part><PartNumber>' + (at + 1) + '</PartNumber><ETag>' + reply.headers.get('etag') + '</ETag></Part>')
    }
    const listed = await (await act({ method: 'GET', uploadId })).text()
    const list = '<CompleteMultipartUpload>' + parts.join('') + '</CompleteMultipartUpload>'
    const done = await act({ method: 'POST', uploadId }, list)
    const aborted = await act({ method: 'DELETE', uploadId })
    const whole = await act({ method: 'GET' })
    return [listed.match(/<Part>/g).length, done.status, /<Key>(.*)<[/]Key>/.exec(await done.text())[1], aborted.status, await whole.text()]
  })()`)
  expect(told).toEqual([2, 201, key, 204, 'onetwo'])
}

async function completion(): Promise<void> {
  const receiver = blockOf('README.md › When an upload is complete › receiver.mjs')
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
  const app = await startApp(`node ${receiver.name}`, folderOf(receiver), { WEBHOOK_SECRET: secret })
  onTestFinished(() => app.stop())
  expect((await fetch(app.origin, { method: 'POST', body: '{}' })).status).toBe(400)
  const script = `
    import { files, webhook } from './completed.mjs'
    const put = async (text) => {
      const { url } = await files.signedUploadUrl('a.txt', { payload: 'order 7' })
      const body = (async function* () { if (text) yield Buffer.from(text) })()
      const request = { method: 'PUT', path: url.slice(6), header: () => undefined, body, bodyAlreadyRead: false }
      return (await files.handle(request)).status
    }
    console.error = () => {}
    console.log(await put(''), await files.storage.stat('a.txt'))
    console.log(await put('hello'))
    await webhook.idle()
  `
  const hex = createHash('sha256').update('hello').digest('hex')
  const { output } = await runScript(script, receiver, { WEBHOOK_URL: app.origin, WEBHOOK_SECRET: secret })
  expect(output).toBe(`500 null\na.txt 5 ${hex} order 7\n201\n`)
  await expect.poll(app.output).toContain("type: 'upload.completed'")
  expect(app.output()).toContain(hex)
}

async function delegation(block: Block): Promise<void> {
  const script = `
    import { brief, files, link, upload } from './${block.name}'
    const ask = async (method, url, text) => {
      const body = text === undefined ? null : (async function* () { yield Buffer.from(text) })()
      const reply = await files.handle({ method, path: url.slice(6), header: () => undefined, body, bodyAlreadyRead: false })
      return reply.status
    }
    console.log(await ask('GET', upload.url), await ask('PUT', link.url, 'x'))
    console.log(await ask('PUT', upload.url, 'x'.repeat(1024 * 1024 + 1)), await ask('PUT', upload.url, 'hello'))
    console.log(await ask('GET', link.url), await ask('GET', brief.url))
    console.log(brief.expiresAt < link.expiresAt)
    const { delegationToken, clientSigningToken } = await files.issueSignedToken({ prefix: 'users/42/' })
    const path = '/files/users/42/notes.txt?token='
    console.log(await ask('GET', path + delegationToken), await ask('GET', path + delegationToken + '.' + clientSigningToken))
  `
  expect((await runScript(script, block)).output).toBe('403 403\n413 201\n200 200\ntrue\n403 200\n')
}

async function countedDownloads(block: Block): Promise<void> {
  const script = `
    import { askedFirst, files, inPieces, once } from './${block.name}'
    const ask = async (method, { url }, text, headers = {}) => {
      const body = text === undefined ? null : (async function* () { yield Buffer.from(text) })()
      const header = (name) => headers[name]
      const address = () => '192.0.2.1'
      const reply = await files.handle({ method, path: url.slice(6), header, address, body, bodyAlreadyRead: false })
      if (method === 'GET' && reply.status < 300) for await (const chunk of reply.body) String(chunk)
      return reply.status
    }
    console.log(await ask('GET', once), await ask('PUT', await files.signedUploadUrl('report.pdf'), 'x'))
    console.log(await ask('HEAD', once), await ask('GET', once), await ask('GET', once), await ask('HEAD', once))
    await ask('PUT', await files.signedUploadUrl('film.mp4'), 'a film')
    const part = () => ask('GET', inPieces, undefined, { range: 'bytes=2-3' })
    console.log(await part(), await part(), await ask('GET', inPieces))
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    console.log(await ask('GET', askedFirst, undefined, { 'sec-fetch-mode': 'navigate' }), await ask('GET', askedFirst))
    console.log(await ask('POST', askedFirst, 'confirm=1', form), await ask('POST', askedFirst, 'confirm=1', form))
  `
  const expected = '404 201\n200 200 403 403\n206 206 403\n200 403\n200 403\n'
  expect((await runScript(script, block)).output).toBe(expected)
}

/** A server that ends with the test. */
async function urlOf(starting: Promise<Engine>): Promise<string> {
  const engine = await starting
  onTestFinished(() => engine.stop())
  return engine.url
}

async function countedByAll(block: Block, env: Readonly<Record<string, string>> = {}): Promise<void> {
  const script = `
    import { files, once } from './${block.name}'
    const ask = async (method, { url }, text) => {
      const body = text === undefined ? null : (async function* () { yield Buffer.from(text) })()
      const reply = await files.handle({ method, path: url.slice(6), header: () => undefined, body, bodyAlreadyRead: false })
      if (method === 'GET' && reply.status === 200) for await (const chunk of reply.body) String(chunk)
      return reply.status
    }
    const { LINK } = process.env
    if (LINK) console.log(await ask('GET', { url: LINK }), await ask('GET', once), await ask('GET', once))
    else {
      console.log(await ask('PUT', await files.signedUploadUrl('report.pdf'), 'x'), await ask('HEAD', once))
      console.log(await ask('GET', once), await ask('GET', once), await ask('HEAD', once))
      console.log(once.url)
    }
    process.exit()
  `
  const { output } = await runScript(script, block, env)
  const [stored, counted, url = ''] = output.split('\n')
  expect([stored, counted]).toEqual(['201 200', '200 403 403'])
  // Another process over the same ledger knows that the use is taken.
  expect((await runScript(script, block, { ...env, LINK: url })).output).toBe('403 200 403\n')
}

async function revokedLinks(block: Block): Promise<void> {
  const script = `
    import { files, hers, link, signOut } from './${block.name}'
    const ask = async (method, { url }, text) => {
      const body = text === undefined ? null : (async function* () { yield Buffer.from(text) })()
      const reply = await files.handle({ method, path: url.slice(6), header: () => undefined, body, bodyAlreadyRead: false })
      return reply.status
    }
    console.log(await ask('PUT', await files.signedUploadUrl('reports/q3.pdf'), 'x'), link.id.length)
    console.log(await ask('GET', link), await ask('GET', hers))
    await signOut()
    console.log(await ask('GET', link), await ask('GET', hers), await ask('GET', await files.signedUrl('reports/q3.pdf')))
  `
  expect((await runScript(script, block)).output).toBe('201 16\n200 200\n403 403 200\n')
}

async function reloadedKeys(block: Block): Promise<void> {
  const [fresh, old] = ['2027-01', '2026-11'].map((id) => ({
    id,
    secret: `${id} is the id of this secret, 32 b`,
  }))
  const script = `
    import { writeFileSync } from 'node:fs'
    import { setTimeout as sleep } from 'node:timers/promises'
    const [fresh, old] = ${JSON.stringify([fresh, old])}
    const write = (text) => writeFileSync('keys.json', text)
    write(JSON.stringify([old]))
    const { files } = await import('./${block.name}')
    const hangUp = async (text) => {
      write(text)
      process.kill(process.pid, 'SIGHUP')
      await sleep(300)
      console.log(files.keys.ids.join())
    }
    console.log(files.keys.activeId)
    await hangUp(JSON.stringify([fresh, old]))
    console.error = (text) => console.log(text)
    await hangUp('[]')
    await hangUp('[')
    await hangUp(JSON.stringify([fresh]))
    process.exit()
  `
  const kept = 'The keys stay as they were\n2027-01,2026-11\n'
  expect((await runScript(script, block)).output).toBe(
    `2026-11\n2027-01 signs\n2027-01,2026-11\n${kept}${kept}2027-01 signs\n2027-01\n`,
  )
}

async function openedTree(block: Block): Promise<void> {
  const script = `
    import { files, video } from './${block.name}'
    const ask = async (method, url, text) => {
      const body = text === undefined ? null : (async function* () { yield Buffer.from(text) })()
      const reply = await files.handle({ method, path: url.slice(6), header: () => undefined, body, bodyAlreadyRead: false })
      return reply.status
    }
    for (const key of ['videos/42/index.m3u8', 'videos/42/720p/0.ts', 'videos/43/index.m3u8'])
      await ask('PUT', (await files.signedUploadUrl(key)).url, 'x')
    const follow = (reference) => new URL(reference, 'http://host' + video.url).pathname
    console.log(await ask('GET', video.url), await ask('GET', follow('720p/0.ts')), await ask('GET', follow('../43/index.m3u8')))
    console.log(await ask('PUT', follow('new.ts'), 'x'))
  `
  expect((await runScript(script, block)).output).toBe('200 200 403\n403\n')
}

async function publishedLogo(block: Block): Promise<void> {
  const script = `
    import { files, publish, upload } from './${block.name}'
    const ask = async (method, url, text) => {
      const body = text === undefined ? null : (async function* () { yield Buffer.from(text) })()
      const { status, headers } = await files.handle({ method, path: url.slice(6), header: () => undefined, body, bodyAlreadyRead: false })
      return status + ' ' + headers['cache-control']
    }
    console.log((await ask('PUT', upload.url, 'x')).slice(0, 3), await ask('HEAD', '/files/logo.png'))
    for (const isPublished of [false, true]) {
      console.log(JSON.stringify(await publish(isPublished)), await ask('HEAD', '/files/logo.png'))
    }
  `
  expect((await runScript(script, block)).output.split('\n')).toEqual([
    '201 200 public, max-age=300',
    '{"visibility":"private"} 403 no-store',
    '{"visibility":"public"} 200 public, max-age=300',
    '',
  ])
}

async function openedByCookie(block: Block): Promise<void> {
  const app = await startApp('node server.mjs', folderOf(block), {
    LATCHKEY_SECRET: SECRET,
    API_TOKEN: 'let-me-in',
  })
  onTestFinished(() => app.stop())
  const folder = join(folderOf(block), 'data/videos')
  for (const name of ['42', '43']) {
    mkdirSync(join(folder, name), { recursive: true })
    writeFileSync(join(folder, name, 'index.m3u8'), name)
  }
  const watch = (authorization: string) =>
    fetch(`${app.origin}/watch/42`, { method: 'POST', headers: { authorization } })
  expect((await watch('Bearer guess')).status).toBe(401)
  const reply = await watch('Bearer let-me-in')
  const cookie = reply.headers.get('set-cookie')?.split(';')[0] ?? ''
  const { url } = (await reply.json()) as { url: string }
  expect(await (await fetch(url, { headers: { cookie } })).text()).toBe('42')
  expect(await codeOf(await fetch(url))).toBe('token_required')
  expect(await codeOf(await fetch(url.replace('videos/42/', 'videos/43/'), { headers: { cookie } }))).toBe(
    'invalid_signature',
  )
  expect((await fetch(url, { method: 'DELETE', headers: { cookie } })).status).toBe(403)
}

async function boundToAddresses(block: Block): Promise<void> {
  const app = await startApp('node server.mjs', folderOf(block), { LATCHKEY_SECRET: SECRET })
  onTestFinished(() => app.stop())
  mkdirSync(join(folderOf(block), 'data'), { recursive: true })
  writeFileSync(join(folderOf(block), 'data/report.pdf'), 'report')
  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } })
  const asked = await fetch(`${app.origin}/report`, from('203.0.113.7'))
  const { url } = (await asked.json()) as { url: string }
  for (const address of ['203.0.113.7', '198.51.100.9']) {
    expect(await (await fetch(url, from(address))).text()).toBe('report')
  }
  for (const options of [from('203.0.113.8'), {}]) {
    expect(await codeOf(await fetch(url, options))).toBe('address_not_allowed')
  }
}

async function stableUrl(block: Block): Promise<void> {
  const script = `
    const hour = 3_600_000
    const start = Math.ceil(Date.now() / hour) * hour
    let now = start
    Date.now = () => now
    const { avatar } = await import('./${block.name}')
    const at = (ms) => { now = start + ms; return avatar() }
    const [first, last, next] = [await at(0), await at(hour - 1), await at(hour)]
    console.log(first.url === last.url, first.url === next.url, (first.expiresAt - start) / hour)
  `
  expect((await runScript(script, block)).output).toBe('true false 2\n')
}

async function rotation(block: Block): Promise<void> {
  const script = `
    import { createLatchkey } from '@latchkey/core'
    import { memoryDriver } from '@latchkey/drivers/memory'
    import { keys } from './${block.name}'
    const using = (keys) => createLatchkey({ baseUrl: '/files', keys, storage: memoryDriver() })
    const statusOf = async (minted, served) => {
      const { url } = await using(minted).signedUrl('absent')
      const request = { method: 'GET', path: url.slice(6), header: () => undefined, body: null, bodyAlreadyRead: false }
      return (await using(served).handle(request)).status
    }
    const old = { id: '2026-11', secret: process.env.LATCHKEY_OLD_SECRET }
    const fresh = { id: '2027-01', secret: process.env.LATCHKEY_SECRET }
    console.log((await using(keys).signedUrl('x')).url.includes('token=2027-01.'))
    console.log(await statusOf([fresh], keys), await statusOf([old], keys), await statusOf(keys, [old]))
  `
  const env = { LATCHKEY_SECRET: SECRET, LATCHKEY_OLD_SECRET: `${SECRET}, the old one` }
  expect((await runScript(script, block, env)).output).toBe('true\n404 404 403\n')
}

async function sniffing(block: Block): Promise<void> {
  const script = `
    import { files } from './${block.name}'
    const put = async (bytes) => {
      const { url } = await files.signedUploadUrl('a.png', { allowedTypes: ['image/*'] })
      const headers = { 'content-type': 'image/png', 'content-length': String(bytes.length) }
      const path = url.slice('https://app.example.com/files'.length)
      const body = (async function* () { yield bytes })()
      return files.handle({ method: 'PUT', path, header: (name) => headers[name], body, bodyAlreadyRead: false })
    }
    console.log((await put(Buffer.from('<!doctype html><script>'))).status)
    console.log((await put(Buffer.from('${PNG.toString('base64')}', 'base64'))).status)
  `
  expect((await runScript(script, block)).output).toBe('415\n201\n')
}

async function servedDriver(block: Block): Promise<void> {
  const script = `
    import { createLatchkey } from '@latchkey/core'
    import { mapDriver } from './map-driver.js'
    const keys = [{ id: 'k', secret: '${SECRET}' }]
    const files = createLatchkey({ baseUrl: '/files', keys, storage: mapDriver() })
    const ask = (method, { url }, headers, body = null) =>
      files.handle({ method, path: url.slice(6), header: (name) => headers[name], body, bodyAlreadyRead: false })
    async function* body() { yield Buffer.from('hello') }
    console.log((await ask('PUT', await files.signedUploadUrl('a'), {}, body())).status)
    const reply = await ask('GET', await files.signedUrl('a'), { range: 'bytes=1-2' })
    console.log(reply.status, Buffer.from(reply.body).toString())
  `
  expect((await runScript(script, block)).output).toBe('201\n206 el\n')
}

async function ledgerTests(block: Block): Promise<void> {
  const run = async (file: string) => {
    const { code, output } = await runNode(['--test', '--test-reporter=tap', file], block)
    const count = (name: string) => Number(new RegExp(`^# ${name} (\\d+)$`, 'm').exec(output)?.[1])
    return { code, passed: count('pass'), failed: count('fail'), skipped: count('skipped') }
  }
  const beyond = ledgerCases.filter(({ needs = [] }) => needs.some((need) => need !== 'clock')).length
  const all = { code: 0, passed: ledgerCases.length - beyond, failed: 0, skipped: beyond }
  expect(await run(block.name)).toEqual(all)

  // A ledger that grants everything shows that the cases are really run.
  const generous = block.text.replace(
    /ledger: (memoryLedger\(.*?\))/,
    'ledger: { ...$1, claim: async () => true }',
  )
  expect(generous).not.toBe(block.text)
  writeFileSync(join(folderOf(block), 'generous-ledger.mjs'), generous)
  expect((await run('generous-ledger.mjs')).failed).toBeGreaterThan(20)
}

async function driverTests(block: Block): Promise<void> {
  const file = basename(scriptOf(block))
  const { code, output } = await runNode(['--test', '--test-reporter=tap', file], block)
  expect(code, output).toBe(0)
  const count = (name: string) => Number(new RegExp(`^# ${name} (\\d+)$`, 'm').exec(output)?.[1])
  expect(count('fail')).toBe(0)
  // A driver that ends with its storage skips what needs a restart, and nothing else.
  const skippable = driverCases.filter(({ needs }) => needs?.includes('reopen')).length
  expect(count('skipped')).toBe(skippable)
  expect(count('pass')).toBe(driverCases.length - skippable)

  // A driver that keeps nothing shows that the cases are really run.
  const script = readFileSync(join(folderOf(block), file), 'utf8')
  const broken = 'forgetful-driver.mjs'
  const forgetful = script.replace(/driver: (\w+\(\))/, 'driver: { ...$1, stat: async () => null }')
  expect(forgetful).not.toBe(script)
  writeFileSync(join(folderOf(block), broken), forgetful)
  const failing = await runNode(['--test', '--test-reporter=tap', broken], block)
  expect(failing.code).not.toBe(0)
}

async function refusedEvents(block: Block): Promise<void> {
  const script = `
    import './${block.name}'
    import { createLatchkey } from '@latchkey/core'
    import { memoryDriver } from '@latchkey/drivers/memory'
    const keys = [{ id: 'k', secret: '${SECRET}' }]
    const files = createLatchkey({ baseUrl: '/files', keys, storage: memoryDriver() })
    const { url } = await files.signedUrl('a')
    const header = () => undefined
    await files.handle({ method: 'GET', path: url.slice(6).replace('/a', '/b'), header, body: null, bodyAlreadyRead: false })
  `
  const { output } = await runScript(script, block)
  for (const part of ["method: 'GET'", "path: '/b'", "code: 'invalid_signature'", "reason: 'mac_mismatch'"]) {
    expect(output).toContain(part)
  }
  expect(output).not.toContain('token=')
}

async function mintedUrls(block: Block): Promise<void> {
  const { output } = await runNode([block.name], block)
  const [link, upload] = output.split('\n')
  expect(link).toMatch(/^https:\/\/app\.example\.com\/files\/reports\/q3\.pdf\?token=2026-11\.\S+$/)
  expect(upload).toMatch(/^PUT https:\/\/app\.example\.com\/files\/avatars\/42\.png\?token=2026-11\.\S+$/)
}

async function clientSave(block: Block, context: TestContext): Promise<void> {
  const page = await openPage(await startMinting(), block, context)
  const name = `${randomUUID()}.png`
  const stored = await page.evaluate(`(async () => {
    const { save } = await import('/${basename(scriptOf(block))}')
    const file = new File([new Uint8Array(9)], '${name}', { type: 'image/png' })
    return save(file, document.createElement('progress'))
  })()`)
  expect(stored).toMatchObject({ key: `photos/${name}`, size: 9, contentType: 'image/png' })
}

async function pausedUpload(block: Block, context: TestContext): Promise<void> {
  const page = await openPage(await startMinting(), block, context)
  const name = `${randomUUID()}.png`
  const told = await page.evaluate(`(async () => {
    const { begin } = await import('/${basename(scriptOf(block))}')
    const [pause, cancel] = [document.createElement('button'), document.createElement('button')]
    const file = new File([new Uint8Array(9)], '${name}', { type: 'image/png' })
    const done = begin(file, pause, cancel)
    pause.click()
    const early = await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 200, 'paused'))])
    pause.click()
    const { key } = await done
    const canceled = begin(file, pause, cancel).catch(({ code }) => code)
    cancel.click()
    return [early, key, await canceled]
  })()`)
  expect(told).toEqual(['paused', `photos/${name}`, 'aborted'])
}

async function presignedLink(block: Block, context: TestContext): Promise<void> {
  const page = await openPage(await startMinting(), block, context)
  const files = createLatchkey({
    baseUrl: 'https://app.example.com/files',
    keys: [{ id: 'k', secret: SECRET }],
    storage: memoryDriver(),
  })
  const issued = await files.issueSignedToken({ prefix: 'team/' })
  const url = (await page.evaluate(`(async () => {
    const { link } = await import('/${basename(scriptOf(block))}')
    // A page over plain HTTP has Web Crypto on localhost only, which this one is.
    return link(${JSON.stringify(issued)}, 'team/plan.pdf')
  })()`)) as string
  const { status } = await files.handle({
    method: 'GET',
    path: url.slice('https://app.example.com/files'.length),
    header: () => undefined,
    body: null,
    bodyAlreadyRead: false,
  })
  expect(status).toBe(404)
}

async function downloadedTwice(block: Block): Promise<void> {
  const script = `
    import { files, twice } from './${block.name}'
    const ask = async (method, { url }, text) => {
      const body = text === undefined ? null : (async function* () { yield Buffer.from(text) })()
      const reply = await files.handle({ method, path: url.slice(6), header: () => undefined, body, bodyAlreadyRead: false })
      if (method === 'GET' && reply.status === 200) for await (const chunk of reply.body) String(chunk)
      return reply.status
    }
    console.log(await ask('PUT', await files.signedUploadUrl('report.pdf'), 'x'))
    console.log(await ask('GET', twice), await ask('GET', twice), await ask('GET', twice))
  `
  expect((await runScript(script, block)).output).toBe('201\n200 200 403\n')
}

async function filesInBucket(block: Block): Promise<void> {
  const script = `
    import { files } from './${block.name}'
    const { url } = await files.signedUploadUrl('a.txt')
    console.log(new URL(url).pathname, files.storage.multipart !== undefined)
  `
  const { output } = await runScript(script, block, { NODE_OPTIONS: '--no-warnings' })
  expect(output).toBe('/files/a.txt true\n')
}

async function announcedUpload(block: Block): Promise<void> {
  const script = `
    import { files } from './${block.name}'
    const { url, method } = await files.signedUploadUrl('a.txt')
    console.log(new URL(url).pathname, method)
  `
  const { output } = await runScript(script, block, { NODE_OPTIONS: '--no-warnings' })
  expect(output).toBe('/files/a.txt POST\n')
}

async function suffixedUpload(block: Block): Promise<void> {
  const script = `
    import { files, upload } from './${block.name}'
    async function* body() { yield Buffer.from('hello') }
    const { storage } = files
    await storage.write('a/b.txt', body(), { contentType: 'text/plain', visibility: 'private' })
    console.log((await storage.stat('a/b.txt')).size, upload.method)
  `
  expect((await runScript(script, block)).output).toBe('5 PUT\n')
}

async function storedInLibrary(block: Block): Promise<void> {
  const script = `
    import { storage } from './${block.name}'
    async function* body() { yield Buffer.from('hello') }
    await storage.write('a/b.txt', body(), { contentType: 'text/plain', visibility: 'private' })
    console.log((await storage.stat('a/b.txt')).size)
  `
  expect((await runScript(script, block)).output).toBe('5\n')
}

async function chosenStorage(block: Block): Promise<void> {
  const script = `
    import { existsSync } from 'node:fs'
    import { storage } from './${block.name}'
    async function* body() { yield Buffer.from('hello') }
    await storage.write('a/b.txt', body(), { contentType: 'text/plain', visibility: 'private' })
    console.log((await storage.stat('a/b.txt')).size, existsSync('data/a/b.txt'))
  `
  expect((await runScript(script, block, { NODE_ENV: 'test' })).output).toBe('5 false\n')
  expect((await runScript(script, block)).output).toBe('5 true\n')
}

// What the tests above do it with.

interface Asked {
  readonly name: string
  readonly upload: { readonly url: string; readonly method: string }
}

function idOf({ readme, heading, name }: Block): string {
  return `${readme} › ${heading} › ${name}`
}

function blockOf(id: string): Block {
  const block = blocks.find((each) => idOf(each) === id)
  if (block === undefined) throw new Error(`There is no block ${id}`)
  return block
}

function photosFolder(framework: string): string {
  return folderOf(blockOf(`README.md › ${framework} › server.mjs`))
}

/** Starts the example of a framework with the very block that says how to start it. */
async function startPhotos(framework: string): Promise<ExampleApp> {
  const app = await startApp(blockOf('README.md › Try it › start').text, photosFolder(framework))
  onTestFinished(() => app.stop())
  return app
}

async function ask(app: ExampleApp): Promise<Asked> {
  const reply = await fetch(`${app.origin}/photos`, {
    method: 'POST',
    headers: { authorization: AUTHORIZATION },
  })
  expect(reply.status).toBe(201)
  return (await reply.json()) as Asked
}

function askToRead(app: ExampleApp, name: string): Promise<Response> {
  return fetch(`${app.origin}/photos/${name}`, { headers: { authorization: AUTHORIZATION } })
}

/** The name of a photo that is there. */
async function uploaded(app: ExampleApp, bytes: Uint8Array): Promise<string> {
  const { name, upload } = await ask(app)
  const reply = await fetch(upload.url, {
    method: 'PUT',
    body: bytes,
    headers: { 'content-type': 'image/png' },
  })
  expect(reply.status).toBe(201)
  return name
}

async function codeOf(reply: Response): Promise<unknown> {
  expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  return ((await reply.json()) as { code: unknown }).code
}

/** The URL with the first character of its MAC changed. */
function tampered(url: string): string {
  return url.replace(
    /\.([\w-])([\w-]{42})$/,
    (_mac, first: string, rest: string) => `.${first === 'A' ? 'B' : 'A'}${rest}`,
  )
}

function movedTo(app: ExampleApp, url: string): string {
  return `${app.origin}${new URL(url).pathname}${new URL(url).search}`
}

/** The status of an upload that is too large, where the client waits for `100 Continue` and never gets it. */
async function refusedBeforeTheBody(url: string): Promise<number | undefined> {
  const headers = { expect: '100-continue', 'content-type': 'image/png', 'content-length': 6 * 1024 * 1024 }
  const request = httpRequest(url, { method: 'PUT', headers })
  let continued = false
  request.on('continue', () => {
    continued = true
  })
  request.flushHeaders()
  const [response] = (await once(request, 'response')) as [{ statusCode?: number }]
  await sleep(50)
  request.on('error', () => {}).destroy()
  expect(continued).toBe(false)
  return response.statusCode
}

/** Runs a block as its reader would, against the app that listens elsewhere. */
function shell(block: Block, app: ExampleApp, env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  mkdirSync(folderOf(block), { recursive: true })
  const script = block.text.replaceAll('http://localhost:3000', app.origin).replaceAll('curl ', 'curl -s ')
  return run('bash', ['--norc', '-euc', script], folderOf(block), env)
}

function runNode(args: readonly string[], block: Block, env: Readonly<Record<string, string>> = {}) {
  return run(process.execPath, args, folderOf(block), { LATCHKEY_SECRET: SECRET, ...env })
}

/** Runs a module beside a block, which it may import. */
function runScript(script: string, block: Block, env: Readonly<Record<string, string>> = {}) {
  return runNode(['--input-type=module', '-e', script], block, env)
}

/** The JavaScript of a block. */
function scriptOf(block: Block): string {
  return fileOf(block).replace(/\.ts$/, '.js')
}

interface ChromiumModule {
  readonly CHROMIUM_FLAGS: string[]
  findChromium(): { readonly path: string } | { readonly missing: string }
}

/** A page of the app's own origin that can import the block; skips the test by name where there is no Chromium. */
async function openPage(app: ExampleApp, block: Block, context: TestContext): Promise<Page> {
  const tool: ChromiumModule = await import(new URL('../chromium.mjs', import.meta.url).href)
  const found = tool.findChromium()
  if ('missing' in found) return context.skip(found.missing)
  const browser = await chromium.launch({ executablePath: found.path, args: tool.CHROMIUM_FLAGS })
  onTestFinished(() => browser.close())
  const page = await browser.newPage()
  const script = await bundled(scriptOf(block))
  await page.route('**/page', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }))
  await page.route(`**/${basename(scriptOf(block))}`, (route) =>
    route.fulfill({ contentType: 'text/javascript', body: script }),
  )
  await page.goto(`${app.origin}/page`)
  return page
}

/** A script as a bundler makes it for browsers: one module without imports. */
async function bundled(input: string): Promise<string> {
  const bundle = await rolldown({ input, platform: 'browser' })
  const { output } = await bundle.generate({ format: 'es' })
  await bundle.close()
  return output[0].code
}

function packagesIn(line: string): string[] {
  return line.split(' ').filter((word) => word !== '' && !/^(npm|install|--save-dev)$/.test(word))
}

/** The public packages of this workspace, and every package that one of them or of the tests works with. */
function knownPackages(): string[] {
  const manifests = [
    'test/package.json',
    ...readdirSync(join(ROOT, 'packages')).map((name) => `packages/${name}/package.json`),
  ]
  return manifests.flatMap((path) => {
    const { name, dependencies, devDependencies, peerDependencies, ...rest } = readJson<Manifest>(path)
    const own = rest.private === true ? [] : [name]
    return [...own, ...Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies })]
  })
}

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

function importedPackages(block: Block): string[] {
  const imports = [...block.text.matchAll(/^import .*?'([^'.][^']*)'$/gm)].map(([, from = '']) => from)
  return imports
    .filter((from) => !from.startsWith('node:'))
    .map((from) =>
      from
        .split('/')
        .slice(0, from.startsWith('@') ? 2 : 1)
        .join('/'),
    )
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as T
}
