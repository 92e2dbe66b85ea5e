import assert from 'node:assert/strict'
import type { HttpCase } from '../http-case.js'
import { uploadUrl } from '../http-cases/exchange.js'
import { assertAbsent, assertProblem, assertStored } from '../http-cases/expect.js'
import { askToBegin, begin, complete, jsonOf, listed, partsCase, uploadAll } from './wire.js'

/** What must hold when parts become an object. */
export const preconditionCases: readonly HttpCase[] = [
  partsCase('an upload to a key that is taken does not begin', async (context) => {
    await context.put('a.txt', 'taken')
    assertProblem(await askToBegin(context, await uploadUrl(context, 'a.txt')), 409, 'exists')
    await begin(context, 'a.txt', { allowOverwrite: true })
  }),
  partsCase('an object that appeared meanwhile is not replaced', async (context) => {
    const begun = await begin(context, 'a.txt')
    const parts = await uploadAll(context, begun, ['mine'])
    await context.put('a.txt', 'theirs')
    assertProblem(await complete(context, begun, parts), 409, 'exists')
    await assertStored(context, 'a.txt', 'theirs')
    assert.deepEqual(await listed(context, begun), [[1, 4]])
    const mayReplace = { ...begun, url: await uploadUrl(context, 'a.txt', { allowOverwrite: true }) }
    assertProblem(await complete(context, mayReplace, parts), 409, 'exists')
    await context.driver.delete('a.txt')
    jsonOf(await complete(context, begun, parts), 201)
    await assertStored(context, 'a.txt', 'mine')
  }),
  partsCase('of two uploads to a new key one wins', async (context) => {
    const begun = [await begin(context, 'a.txt'), await begin(context, 'a.txt')]
    const replies = await Promise.all(
      begun.map(async (one, at) => complete(context, one, await uploadAll(context, one, [`upload ${at}`]))),
    )
    assert.deepEqual(replies.map(({ status }) => status).sort(), [201, 409])
    await assertStored(context, 'a.txt', `upload ${replies.findIndex(({ status }) => status === 201)}`)
  }),
  partsCase('a session that may replace is held to a token that may only create', async (context) => {
    await context.put('a.txt', 'old')
    const begun = await begin(context, 'a.txt', { allowOverwrite: true })
    const parts = await uploadAll(context, begun, ['new'])
    const createOnly = { ...begun, url: await uploadUrl(context, 'a.txt') }
    assertProblem(await complete(context, createOnly, parts), 409, 'exists')
    jsonOf(await complete(context, begun, parts), 200)
    await assertStored(context, 'a.txt', 'new')
  }),
  partsCase('ifMatch replaces the version it names, and creates nothing', async (context) => {
    const { stat } = await context.put('a.txt', 'old')
    const begun = await begin(context, 'a.txt', { ifMatch: stat.etag })
    const late = await begin(context, 'a.txt', { ifMatch: stat.etag })
    jsonOf(await complete(context, begun, await uploadAll(context, begun, ['new'])), 200)
    const parts = await uploadAll(context, late, ['late'])
    assertProblem(await complete(context, late, parts), 412, 'precondition_failed')
    await assertStored(context, 'a.txt', 'new')
    await context.driver.delete('a.txt')
    assertProblem(await complete(context, late, parts), 412, 'precondition_failed')
    await assertAbsent(context, 'a.txt')
  }),
  partsCase('conditions of the request that completes are held', async (context) => {
    const { stat } = await context.put('a.txt', 'old')
    const begun = await begin(context, 'a.txt', { allowOverwrite: true })
    const parts = await uploadAll(context, begun, ['new'])
    for (const fields of [
      { 'if-none-match': '*' },
      { 'if-match': '"another"' },
      { 'if-none-match': 'junk' },
    ]) {
      assertProblem(await complete(context, begun, parts, fields), 412, 'precondition_failed')
    }
    await assertStored(context, 'a.txt', 'old')
    jsonOf(await complete(context, begun, parts, { 'if-match': stat.etag }), 200)
    await assertStored(context, 'a.txt', 'new')
  }),
]
