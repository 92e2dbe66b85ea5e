import fs from 'node:fs'
import { fsDriver } from '@latchkey/drivers/fs'

/** What a child process is told to do, as JSON in its first argument; it prints one line of JSON. */
export type ChildTask =
  | { readonly type: 'hang-in-upload'; readonly root: string; readonly key: string }
  | {
      readonly type: 'race'
      readonly root: string
      readonly key: string
      readonly etag?: string
      readonly at: number
    }
  | { readonly type: 'churn'; readonly root: string; readonly key: string; readonly turns: number }
  | { readonly type: 'as-nobody'; readonly root: string }
  | { readonly type: 'out-of-handles'; readonly root: string }

const PRIVATE = { contentType: 'text/plain', visibility: 'private' } as const

async function* text(content: string) {
  yield Buffer.from(content)
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'ok'
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    return code ?? message
  }
}

async function perform(task: ChildTask): Promise<unknown> {
  if (task.type === 'as-nobody') process.setuid?.(65534)
  const driver = fsDriver({ root: task.root })
  switch (task.type) {
    case 'hang-in-upload': {
      async function* body() {
        yield Buffer.alloc(3_000_000, 'x')
        // The first batch is written while this one is waited for.
        while (fs.readdirSync(`${task.root}/.latchkey/tmp`).length === 0)
          await new Promise((go) => setTimeout(go, 5))
        console.log(JSON.stringify('hanging'))
        await new Promise((go) => setTimeout(go, 60_000))
      }
      return driver.write(task.key, body(), PRIVATE)
    }
    case 'race': {
      const { key, etag, at } = task
      const precondition =
        etag === undefined ? ({ type: 'absent' } as const) : ({ type: 'match', etags: [etag] } as const)
      await driver.stat(key)
      await new Promise((go) => setTimeout(go, at - Date.now()))
      return codeOf(driver.write(key, text(`racer ${process.pid}`), { ...PRIVATE, precondition }))
    }
    case 'churn': {
      const codes: string[] = []
      for (let turn = 0; turn < task.turns; turn++) {
        codes.push(await codeOf(driver.write(task.key, text(`${process.pid} ${turn}`), PRIVATE)))
        codes.push(await codeOf(driver.delete(task.key)))
      }
      return codes.filter((code) => code !== 'ok')
    }
    case 'as-nobody':
      return {
        stat: await codeOf(driver.stat('secret')),
        open: await codeOf(driver.open('secret')),
        write: await codeOf(driver.write('new', text('x'), PRIVATE)),
        delete: await codeOf(driver.delete('secret')),
      }
    case 'out-of-handles': {
      await driver.write('object', text('content'), PRIVATE)
      const held: number[] = []
      try {
        for (;;) held.push(fs.openSync('/dev/null', 'r'))
      } catch {}
      const during = {
        open: await codeOf(driver.open('object')),
        write: await codeOf(driver.write('object', text('new'), PRIVATE)),
      }
      for (const fd of held) fs.closeSync(fd)
      const object = await driver.open('object')
      const after = Buffer.from((await object?.read()) as Uint8Array).toString()
      return { ...during, after }
    }
  }
}

console.log(JSON.stringify(await perform(JSON.parse(process.argv[2] ?? ''))))
process.exit(0)
