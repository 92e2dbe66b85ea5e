import type { Page, Request } from 'playwright-core'

/** Watches the parts that a page sends. */
export interface PartRequests {
  /** The numbers of those that were begun, as often as they were. */
  begun(): number[]
  /** The numbers of those that the server has taken. */
  taken(): number[]
  /** Begins to count anew. */
  clear(): void
}

/** Notes each part that a page sends, from now on. */
export function watchParts(page: Page): PartRequests {
  let begun: number[] = []
  let taken: number[] = []
  page.on('request', (request) => {
    const number = partNumberOf(request)
    if (number !== null) begun.push(number)
  })
  page.on('response', (response) => {
    const number = partNumberOf(response.request())
    if (number !== null && response.ok()) taken.push(number)
  })
  return {
    begun: () => inOrder(begun),
    taken: () => inOrder(taken),
    clear() {
      begun = []
      taken = []
    },
  }
}

function partNumberOf(request: Request): number | null {
  const number = new URL(request.url()).searchParams.get('partNumber')
  return request.method() === 'PUT' && number !== null ? Number(number) : null
}

function inOrder(numbers: readonly number[]): number[] {
  return [...numbers].sort((a, b) => a - b)
}
