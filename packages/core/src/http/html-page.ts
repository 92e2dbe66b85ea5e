import type { GateReply, GateRequest } from '../contracts/gate.js'
import { NO_STORE } from './cache-control.js'

const STYLE =
  ':root{color-scheme:light dark}' +
  'body{margin:0;min-height:100vh;display:grid;place-items:center;' +
  'font:16px/1.5 system-ui,sans-serif;background:Canvas;color:CanvasText}' +
  'main{max-width:26rem;padding:2rem;text-align:center}' +
  'svg{width:3rem;height:3rem;opacity:.55}' +
  'h1{font-size:1.4rem;margin:.75rem 0 .25rem}' +
  'p{margin:.25rem 0;overflow-wrap:anywhere}' +
  'small{display:block;margin-top:1.25rem;opacity:.65}' +
  'button{margin-top:1.25rem;padding:.6rem 1.5rem;border:0;border-radius:.5rem;' +
  'font:inherit;font-weight:600;background:#1d4ed8;color:#fff;cursor:pointer}' +
  'button:hover{background:#1e40af}' +
  'button:focus-visible{outline:3px solid Highlight;outline-offset:2px}'

// The hash lets this one style sheet through and nothing else; a test computes it from the page.
const STYLE_HASH = "'sha256-TbzfsEcfqtYLNNgZRq+RmJomSrbhS254F+WHPg4adqw='"

/**
 * `Content-Security-Policy` of a page.
 *
 * @param formAction where its forms may go
 */
export function pagePolicy(formAction: "'none'" | "'self'"): string {
  return `default-src 'none'; style-src ${STYLE_HASH}; base-uri 'none'; form-action ${formAction}; frame-ancestors 'none'`
}

/** A small page without script. All of its text must be safe to stand in HTML. */
export function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${STYLE}</style>
<main>${body}
</main>
`
}

/** The reply that brings a text to a person or a program, by what each of them asks for; HEAD gets its headers. */
export function textReply(
  request: GateRequest,
  status: number,
  { text, type, policy }: { readonly text: string; readonly type: string; readonly policy: string },
): GateReply {
  return {
    status,
    headers: {
      'cache-control': NO_STORE,
      'content-type': type,
      'content-length': String(utf8Length(text)),
      'content-security-policy': policy,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      vary: 'Accept, Sec-Fetch-Mode',
    },
    body: request.method === 'HEAD' ? null : text,
  }
}

/** The reply that is a page. */
export function pageReply(request: GateRequest, status: number, text: string, policy: string): GateReply {
  return textReply(request, status, { text, type: 'text/html; charset=utf-8', policy })
}

const encoder = new TextEncoder()
function utf8Length(text: string): number {
  return encoder.encode(text).byteLength
}
