import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { nginxBlock } from '../../delivery/nginx-block.mjs'
import { findNginx } from '../../engines/programs.mjs'
import { isRoot } from '../../program.mjs'
import { pinned } from '../program.mjs'
import { objectName, SIZES } from './objects.mjs'

const SECRET = 'a secret of the benchmark'
const LINKS_PER_OBJECT = 2000
const PATIENCE_MS = 10_000

/** @typedef {{ pid: number, origin: string, stop(): Promise<void> }} Nginx */

/**
 * nginx by itself, which checks links of its own kind: an MD5 of end, path and secret.
 *
 * @param {string} root
 */
export async function startSecureLink(root) {
  const nginx = await startNginx(`server {
    listen 127.0.0.1:PORT;
    location /files/ {
      secure_link $arg_md5,$arg_expires;
      secure_link_md5 "$secure_link_expires$uri ${SECRET}";
      if ($secure_link = "") { return 403; }
      if ($secure_link = "0") { return 410; }
      alias ${root}/;
    }
  }`)
  const targets = Object.fromEntries(SIZES.map((size) => [size, secureLinks(`/files/${objectName(size)}`)]))
  return { ...nginx, targets }
}

/** @param {string} path */
function secureLinks(path) {
  const start = Math.floor(Date.now() / 1000) + 3600
  return Array.from({ length: LINKS_PER_OBJECT }, (_, at) => secureLink(path, start + at))
}

/**
 * A link that the `secure_link` above takes.
 *
 * @param {string} path
 * @param {number} expires in Unix seconds
 */
export function secureLink(path, expires) {
  const md5 = createHash('md5').update(`${expires}${path} ${SECRET}`).digest('base64url')
  return `${path}?md5=${md5}&expires=${expires}`
}

/**
 * nginx before an app that lets it send the files, as the README shows it; it keeps its connections to the app.
 *
 * @param {string} root
 * @param {string} app the host and port of the app
 */
export function startBefore(root, app) {
  return startNginx(`upstream app {
    server ${app};
    keepalive 64;
    keepalive_requests 10000000;
  }
  server {
    listen 127.0.0.1:PORT;
    ${nginxBlock('http://app', root)}
  }`)
}

/**
 * Starts an nginx with one worker, and waits until it listens.
 *
 * @param {string} http what stands in its `http { … }`, with `PORT` where its port goes
 * @returns {Promise<Nginx>}
 */
async function startNginx(http) {
  const found = findNginx()
  if ('missing' in found) throw new Error(`needs nginx: ${found.missing}`)
  const folder = mkdtempSync(join(tmpdir(), 'bench-nginx-'))
  const port = await freePort()
  writeFileSync(join(folder, 'nginx.conf'), configuration(folder, http.replaceAll('PORT', String(port))))
  const options = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')]
  const [file, ...args] = pinned(0, [found.path, ...options])
  const child = spawn(file, args, { stdio: 'ignore' })
  const ended = once(child, 'exit')
  // A kill -9 would leave its worker behind.
  const end = () => child.kill('SIGTERM')
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const giveUp = () => {
    end()
    remove()
  }
  process.once('exit', giveUp)
  const stop = async () => {
    end()
    await ended
    process.off('exit', giveUp)
    remove()
  }
  const origin = `http://127.0.0.1:${port}`
  const deadline = Date.now() + PATIENCE_MS
  while (!(await answers(origin))) {
    if (child.exitCode === null && Date.now() < deadline) await sleep(20)
    else {
      const log = readFileSync(join(folder, 'error.log'), 'utf8')
      await stop()
      throw new Error(`nginx does not start:\n${log}`)
    }
  }
  return { pid: child.pid ?? 0, origin, stop }
}

/**
 * With `sendfile`, without a log, and with connections that are not closed in mid-measurement. `tcp_nopush` stays off, as it
 * is by itself: on the loopback it holds ranges back for 40 ms.
 *
 * @param {string} folder
 * @param {string} http
 */
function configuration(folder, http) {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `daemon off;
pid ${folder}/nginx.pid;
worker_processes 1;
${isRoot() ? 'user root;' : ''}
events { worker_connections 2048; }
http {
  access_log off;
  sendfile on;
  keepalive_requests 10000000;
  ${temporary.map((each) => `${each}_temp_path ${folder}/${each};`).join('\n  ')}
  ${http}
}
`
}

/** @param {string} origin */
function answers(origin) {
  return fetch(origin).then(
    () => true,
    () => false,
  )
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}
