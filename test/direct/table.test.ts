import { plainHost } from '@latchkey/testkit'
import { expect, test } from 'vitest'
import { useRadosgw } from '../engines/use-engine.js'
import { plain, readReadme, tableUnder } from '../readme/markdown.js'
import { type Announced, directApp, type Told } from './direct-app.js'

const radosgw = useRadosgw()

test('each row of the table of the README is what is answered', async () => {
  const app = await directApp(radosgw(), plainHost)
  const announce = async (key: string, announcement: object) =>
    app.announce((await app.files.signedUploadUrl(key)).url, announcement)
  const whole = await announce('a', { size: 5, contentType: 'text/plain' })
  const parts = await announce('b', { size: 5, contentType: 'text/plain', multipart: true })
  const part = await app.send('POST', `${parts.announced.complete}&partNumber=1`)
  const put = await app.put(part.json as unknown as Announced, 'hello')
  const list = await app.send('GET', parts.announced.complete)
  const done = await app.send('POST', parts.announced.complete)
  const gone = await app.send('DELETE', whole.announced.complete)
  const answers: readonly (Pick<Told, 'json' | 'status'> | number)[] = [
    whole,
    parts,
    part,
    put,
    list,
    done,
    gone,
  ]
  const { rows } = tableUnder(readReadme('README.md'), 'Who takes the bytes', 'request')
  expect(rows).toHaveLength(answers.length)
  for (const [at, [, status = '', answer = '']] of rows.entries()) {
    const given = answers[at]
    if (given === undefined || typeof given === 'number') {
      expect(String(given)).toBe(status)
      continue
    }
    expect([plain(rows[at]?.[0]), String(given.status)]).toEqual([plain(rows[at]?.[0]), status])
    const named = [...answer.matchAll(/`([^`]+)`/g)].map(([, name]) => name)
    expect(Object.keys(given.json)).toEqual(named)
  }
})
