/**
 * @typedef {object} FileKind
 * @property {string} kind names the icon and its colour
 * @property {string} label
 */

/** @type {readonly [pattern: RegExp, kind: string, label: string][]} */
const BY_TYPE = [
  [/^application\/pdf$/, 'document', 'PDF document'],
  [/^(?:application\/json|.+\+json)$/, 'code', 'JSON'],
  [/^text\/html$/, 'code', 'HTML page'],
  [
    /^(?:(?:text|application)\/(?:x-)?(?:javascript|typescript|css|xml|sh)|application\/wasm)$/,
    'code',
    'Code',
  ],
  [/^text\/(?:csv|tab-separated-values)$/, 'table', 'Table'],
  [/spreadsheet|ms-excel/, 'table', 'Spreadsheet'],
  [/presentation|powerpoint/, 'document', 'Presentation'],
  [/wordprocessing|msword|opendocument\.text|rtf$/, 'document', 'Text document'],
  [
    /^application\/(?:zip|gzip|x-(?:tar|gzip|bzip2?|xz|7z-compressed|rar|zip-compressed)|vnd\.rar|zstd)$/,
    'archive',
    'Archive',
  ],
  [/^text\/markdown$/, 'document', 'Markdown'],
  [/^text\//, 'document', 'Text'],
  [/^font\//, 'document', 'Font'],
]

const MEDIA = /^(image|video|audio)\/(?:x-|vnd\.)?([a-z0-9]+)/

/**
 * What a media type is to a person.
 *
 * @param {string} type
 * @param {string} name
 * @returns {FileKind}
 */
export function fileKind(type, name) {
  const essence = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const extension = /\.([a-z0-9]{1,8})$/i.exec(name)?.[1]?.toUpperCase()
  const [, medium, format] = MEDIA.exec(essence) ?? []
  if (medium !== undefined) return { kind: medium, label: `${extension ?? format?.toUpperCase()} ${medium}` }
  for (const [pattern, kind, label] of BY_TYPE) {
    if (pattern.test(essence)) return { kind, label }
  }
  return { kind: 'file', label: extension === undefined ? 'File' : `${extension} file` }
}

/**
 * Shows a kind's icon.
 *
 * @param {HTMLElement} tile
 * @param {SVGUseElement} icon
 * @param {string} kind
 */
export function showKind(tile, icon, kind) {
  tile.dataset.kind = kind
  icon.setAttribute('href', `#i-${kind}`)
}
