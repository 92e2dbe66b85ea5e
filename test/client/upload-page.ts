/// <reference lib="dom" />
import type { startUpload, UploadedFile, UploadOptions, UploadTask } from '@latchkey/client'
import type { presignUrl } from '@latchkey/client/presign'
import type { Browser, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { AUTHORIZATION, type UploadServer } from './upload-server.js'

declare global {
  var latchkey: { readonly presignUrl: typeof presignUrl; readonly startUpload: typeof startUpload }
  var task: UploadTask
  var progress: number[]
  var result: UploadResult | undefined
}

/** How an upload ended, as it can leave the page. */
export type UploadResult = Partial<UploadedFile> & {
  readonly code?: string
  readonly status?: number | undefined
}

/** The options that can be told to a page. */
export type PageOptions = Omit<UploadOptions, 'onProgress' | 'signal' | 'storage' | 'headers'>

/** A page with the client, in a browser context of its own. */
export async function openPage(browser: Browser, server: UploadServer): Promise<UploadPage> {
  const context = await browser.newContext()
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const opened = new UploadPage(page)
  await page.goto(server.origin)
  await opened.ready()
  return opened
}

/** What a user does on the page, and sees. */
export class UploadPage {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  async ready(): Promise<void> {
    await this.page.waitForFunction(() => globalThis.latchkey !== undefined)
  }

  /** Chooses a file from the disk and begins to upload it. */
  async start(path: string, options: PageOptions): Promise<void> {
    await this.page.setInputFiles('input', path)
    const given = { retries: { baseDelay: 5, maxDelay: 20 }, ...options }
    await this.page.evaluate(
      ({ given, authorization }) => {
        const file = document.querySelector('input')?.files?.[0]
        if (file === undefined) throw new Error('no file was chosen')
        globalThis.progress = []
        globalThis.result = undefined
        globalThis.task = globalThis.latchkey.startUpload(file, {
          ...given,
          headers: { authorization },
          onProgress: ({ loaded }) => globalThis.progress.push(loaded),
        })
        globalThis.task.done.then(
          (stored) => {
            globalThis.result = stored
          },
          (error: { code: string; status?: number }) => {
            globalThis.result = { code: error.code, status: error.status }
          },
        )
      },
      { given, authorization: AUTHORIZATION },
    )
  }

  /** How the upload ended. */
  async result(): Promise<UploadResult> {
    await this.page.waitForFunction(() => globalThis.result !== undefined)
    return this.page.evaluate(() => globalThis.result ?? {})
  }

  async upload(path: string, options: PageOptions): Promise<UploadResult> {
    await this.start(path, options)
    return this.result()
  }

  /** Every `loaded` that was reported. */
  progress(): Promise<number[]> {
    return this.page.evaluate(() => globalThis.progress)
  }

  /** Waits until so many bytes are out. */
  async sent(bytes: number): Promise<void> {
    await this.page.waitForFunction((least) => (globalThis.progress.at(-1) ?? 0) >= least, bytes)
  }

  act(name: 'pause' | 'resume' | 'abort'): Promise<void> {
    return this.page.evaluate((method) => globalThis.task[method](), name)
  }
}
