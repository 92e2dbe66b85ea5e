const STYLE =
  ':root{color-scheme:light dark}' +
  'body{margin:0;min-height:100vh;display:grid;place-items:center;' +
  'font:16px/1.5 system-ui,sans-serif;background:Canvas;color:CanvasText}' +
  'main{max-width:26rem;padding:2rem;text-align:center}' +
  'svg{width:3rem;height:3rem;opacity:.55}' +
  'h1{font-size:1.4rem;margin:.75rem 0 .25rem}' +
  'p{margin:.25rem 0}' +
  'small{display:block;margin-top:1.25rem;opacity:.65}'

// The hash lets this one style sheet through and nothing else; a test computes it from the page.
const STYLE_HASH = "'sha256-cu10AUVVbxgQkoDXG4Nr218kCyMitkfLvZV0sv4dPbk='"

/** `Content-Security-Policy` of the refusal page. */
export const REFUSAL_PAGE_POLICY = `default-src 'none'; style-src ${STYLE_HASH}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

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
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${STYLE}</style>
<main>${LOCK}
<h1>${HEADLINE[status] ?? title}</h1>
<p>${advice ?? detail}</p>
<small>${status} · ${advice === undefined ? title : detail}</small>
</main>
`
}
