import { readFileSync } from 'node:fs'

const README = new URL('../../README.md', import.meta.url)

/**
 * The configuration of nginx that the README shows, for an app and a root of the test's own.
 *
 * @param {string} origin
 * @param {string} root
 */
export function nginxBlock(origin, root) {
  const block = /```nginx location\n([\s\S]*?)```/.exec(readFileSync(README, 'utf8'))?.[1]
  if (block === undefined) throw new Error('the README has no block of nginx')
  const replaced = block.replace('http://127.0.0.1:3000', origin).replace('/srv/app/data/', `${root}/`)
  if (!replaced.includes(origin) || !replaced.includes(`${root}/`)) {
    throw new Error('the block of nginx has neither the app nor its folder where the test looks for them')
  }
  return replaced
}
