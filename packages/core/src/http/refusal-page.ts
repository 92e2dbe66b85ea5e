import { htmlPage, pagePolicy } from './html-page.js'

/** `Content-Security-Policy` of the refusal page. */
export const REFUSAL_PAGE_POLICY = pagePolicy("'none'")

const LOCK =
  '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.6" aria-hidden="true">' +
  '<rect x="4" y="10.5" width="16" height="10" rx="2.5"/><path d="M8 10.5V7a4 4 0 0 1 8 0v3.5M12 14.5v2.5"/></svg>'

const HEADLINE: Readonly<Record<number, string>> = {
  403: 'This link does not open the file',
  404: 'This file is not here',
  503: 'The file cannot be read right now',
}

const ADVICE: Readonly<Record<number, string>> = {
  403: 'It may have expired or been cut short. Ask whoever sent it for a new one.',
  404: 'It may have been removed. Ask whoever sent the link.',
  503: 'Please try again in a moment.',
}

/** A small page for people who opened a link in a browser. It holds no script, no form and no input of theirs. */
export function refusalPage(status: number, title: string, detail: string): string {
  const advice = ADVICE[status]
  return htmlPage(
    title,
    `${LOCK}
<h1>${HEADLINE[status] ?? title}</h1>
<p>${advice ?? detail}</p>
<small>${status} · ${advice === undefined ? title : detail}</small>`,
  )
}
