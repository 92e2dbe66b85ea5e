import { htmlPage, pagePolicy } from './html-page.js'

/** `Content-Security-Policy` of the page: its form may go where the page came from, and nowhere else. */
export const CONFIRMATION_PAGE_POLICY = pagePolicy("'self'")

const ARROW =
  '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.6" aria-hidden="true">' +
  '<path d="M12 3.5v11.5M7.5 10.5 12 15l4.5-4.5M4.5 16.5v2a2 2 0 0 0 2 2h11a2 2 0 0 0 2-2v-2"/></svg>'

/** What the page says. */
export interface Confirmation {
  /** Of the file. Any text; whoever uploaded the file may have chosen it. */
  readonly name: string
  /** Whether the file is shown rather than saved. */
  readonly inline: boolean
  /** Whether its downloads are counted. */
  readonly limited: boolean
}

/** The page that asks a person who opened a link. Its form goes to the page's own URL, whatever that is. */
export function confirmationPage({ name, inline, limited }: Confirmation): string {
  const act = inline ? 'Open' : 'Download'
  const note = limited ? '\n<small>This link can be used a limited number of times.</small>' : ''
  return htmlPage(
    `${act} file`,
    `${ARROW}
<h1>Your file is ready</h1>
<p><bdi>${escaped(name)}</bdi></p>
<form method="post"><button name="confirm" value="1">${act} file</button></form>${note}`,
  )
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Characters that turn the direction of what follows: `cod\u202Efdp.exe` would be read `codexe.pdf`. */
const DIRECTIONS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (found) => ENTITIES[found] ?? '').replace(DIRECTIONS, '\ufffd')
}
