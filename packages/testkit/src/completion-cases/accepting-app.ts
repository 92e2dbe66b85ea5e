import assert from 'node:assert/strict'
import type { CompletedUpload, LatchkeyOptions } from '@latchkey/core'
import type { UploadOptions } from '@latchkey/core/token'
import type { HttpCase, HttpCaseContext } from '../http-case.js'
import { put, uploadUrl } from '../http-cases/exchange.js'
import type { ClientReply } from '../http-client.js'
import { begin, complete, partsCase, uploadAll } from '../multipart-http-cases/wire.js'

/** An app that is told of uploads, and may refuse them. */
export interface App {
  /** What it was told of, in order. */
  readonly told: CompletedUpload[]
  /** What went to its log. */
  readonly faults: unknown[]
  /** What it does when it is told. */
  accept: (upload: CompletedUpload) => void | Promise<void>
}

/** How a client uploads a whole object, one way or the other. */
export type Upload = (
  context: HttpCaseContext,
  key: string,
  text: string,
  options?: UploadOptions,
  contentType?: string,
) => Promise<ClientReply>

const atOnce: Upload = async (context, key, text, options, contentType = 'text/plain') =>
  put(context, await uploadUrl(context, key, options), text, { 'content-type': contentType })

const inParts: Upload = async (context, key, text, options, contentType = 'text/plain') => {
  const begun = await begin(context, key, options, { 'content-type': contentType })
  const half = Math.ceil(text.length / 2)
  const parts = await uploadAll(context, begun, [text.slice(0, half), text.slice(half)])
  return complete(context, begun, parts)
}

/** The case twice: once for a single PUT, once for an upload in parts. */
export function bothWays(
  name: string,
  run: (context: HttpCaseContext, app: App, upload: Upload) => Promise<void>,
  options: Partial<LatchkeyOptions> = {},
): HttpCase[] {
  return [
    {
      ...appCase(`${name}: PUT`, (context, app) => run(context, app, atOnce), options),
      needs: ['conditionalWrites', 'metadata'],
    },
    appCase(`${name}: parts`, (context, app) => run(context, app, inParts), options),
  ]
}

/** A case with an app of its own. */
export function appCase(
  name: string,
  run: (context: HttpCaseContext, app: App) => Promise<void>,
  options: Partial<LatchkeyOptions> = {},
): HttpCase {
  const start = async (context: HttpCaseContext): Promise<void> => {
    const app: App = { told: [], faults: [], accept: () => {} }
    const served = await context.serve({
      onUploadCompleted: (upload) => {
        app.told.push(upload)
        return app.accept(upload)
      },
      onError: (error) => {
        app.faults.push(error)
      },
      ...options,
    })
    await run(served, app)
  }
  return partsCase(name, start, { needs: ['metadata'] })
}

/** Refuses, and says why in words that no client may see. */
export function refuseUpload(): never {
  throw new Error('quota exceeded for tenant-7 at db.internal')
}

/** Asserts that a reply tells nothing of what the app threw. */
export function assertDiscreet(reply: ClientReply): void {
  assert.doesNotMatch(reply.body.toString() + JSON.stringify(reply.headers), /quota|tenant|internal"|db\./)
}
