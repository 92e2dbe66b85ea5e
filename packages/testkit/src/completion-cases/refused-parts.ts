import assert from 'node:assert/strict'
import type { HttpCase } from '../http-case.js'
import { pause } from '../http-cases/exchange.js'
import { assertAbsent, assertProblem } from '../http-cases/expect.js'
import { abort, begin, complete, list, sendPart, uploadAll } from '../multipart-http-cases/wire.js'
import { appCase, refuseUpload } from './accepting-app.js'

/** Uploads in parts that the app does not accept, as those who repeat a completion see them. */
export const refusedPartsCases: readonly HttpCase[] = [
  appCase('an upload in parts that the app refuses is over', async (context, app) => {
    app.accept = refuseUpload
    const begun = await begin(context, 'a.txt')
    const parts = await uploadAll(context, begun, ['some ', 'text'])
    assertProblem(await complete(context, begun, parts), 500, 'completion_failed')
    app.accept = () => {}
    assertProblem(await complete(context, begun, parts), 404, 'upload_not_found')
    assertProblem(await list(context, begun), 404, 'upload_not_found')
    assertProblem(await sendPart(context, begun, 1, 'x'), 404, 'upload_not_found')
    assert.equal((await abort(context, begun)).status, 204)
    await assertAbsent(context, 'a.txt')
    assert.equal(app.told.length, 1)
  }),
  appCase(
    'whoever repeats a completion that is being refused does not get its success',
    async (context, app) => {
      app.accept = async () => {
        await pause(150)
        refuseUpload()
      }
      const begun = await begin(context, 'a.txt')
      const parts = await uploadAll(context, begun, ['some ', 'text'])
      const first = complete(context, begun, parts)
      await pause(60)
      const replies = await Promise.all([first, complete(context, begun, parts)])
      assert.deepEqual(replies.map(({ status }) => status).sort(), [404, 500])
      await assertAbsent(context, 'a.txt')
      assert.equal(app.told.length, 1)
    },
  ),
]
