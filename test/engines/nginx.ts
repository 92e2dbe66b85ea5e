import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRoot } from '../program.mjs'
import { type Engine, startEngine } from './engine.js'
import { findNginx } from './programs.mjs'

/**
 * Starts an nginx in the foreground. Throws where there is none.
 *
 * @param server what stands in its `server { … }`, beside `listen`
 */
export async function startNginx(server: string): Promise<Engine> {
  const found = findNginx()
  if ('missing' in found) throw new Error(`needs nginx: ${found.missing}`)
  return startEngine({
    name: 'nginx',
    path: found.path,
    prepare: (folder, port) => writeFileSync(join(folder, 'nginx.conf'), configuration(folder, port, server)),
    args: (folder) => ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')],
    url: (port) => `http://127.0.0.1:${port}`,
    isReady: (port) =>
      fetch(`http://127.0.0.1:${port}/`).then(
        () => true,
        () => false,
      ),
  })
}

function configuration(folder: string, port: number, server: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `daemon off;
pid ${folder}/nginx.pid;
worker_processes 1;
${isRoot() ? 'user root;' : ''}
events {}
http {
  access_log off;
  ${temporary.map((each) => `${each}_temp_path ${folder}/${each};`).join('\n  ')}
  server {
    listen 127.0.0.1:${port};
    ${server}
  }
}
`
}
