import { fromTemplate, part } from './part.js'

let groups = 0

/**
 * Fills a row of choices, one of which is always made. Radio buttons, so that arrow keys work.
 *
 * @param {HTMLElement} container
 * @param {readonly { value: string, text: string }[]} choices
 * @param {string} chosen
 * @returns {() => string} what is chosen now
 */
export function fillSegments(container, choices, chosen) {
  const group = `segments-${++groups}`
  const inputs = choices.map(({ value, text }) => {
    const segment = fromTemplate('segment', HTMLLabelElement)
    part(segment, 'text', HTMLSpanElement).textContent = text
    const input = segment.querySelector('input') ?? new HTMLInputElement()
    Object.assign(input, { name: group, value, checked: value === chosen })
    container.append(segment)
    return input
  })
  return () => inputs.find((input) => input.checked)?.value ?? chosen
}
