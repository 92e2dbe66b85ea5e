import { createHash } from 'node:crypto'
import type { Locator, Page } from 'playwright-core'

/** The row of a stored file. */
export function fileRow(page: Page, name: string): Locator {
  return page.locator('.row.file').filter({ has: page.getByText(name, { exact: true }) })
}

export async function expectText(locator: Locator, timeout = 10_000): Promise<void> {
  await locator.waitFor({ state: 'visible', timeout })
}

/** Chooses files as with the page's button. */
export async function choose(page: Page, files: Parameters<Locator['setInputFiles']>[0]): Promise<void> {
  await page.getByLabel('Files to upload').setInputFiles(files)
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
