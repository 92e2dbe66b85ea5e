/**
 * The element of a component that is marked `data-part="<name>"`.
 *
 * @template {Element} E
 * @param {ParentNode} root
 * @param {string} name
 * @param {new () => E} type
 * @returns {E}
 */
export function part(root, name, type) {
  return checked(root.querySelector(`[data-part="${name}"]`), name, type)
}

/**
 * The element of the page with an id.
 *
 * @template {Element} E
 * @param {string} id
 * @param {new () => E} type
 * @returns {E}
 */
export function byId(id, type) {
  return checked(document.getElementById(id), id, type)
}

/**
 * A copy of the one element in the page's `<template>` with this id.
 *
 * @template {Element} E
 * @param {string} id
 * @param {new () => E} type
 * @returns {E}
 */
export function fromTemplate(id, type) {
  const original = byId(id, HTMLTemplateElement).content.firstElementChild
  return checked(original?.cloneNode(true), id, type)
}

/**
 * @template {Element} E
 * @param {unknown} found
 * @param {string} name
 * @param {new () => E} type
 * @returns {E}
 */
function checked(found, name, type) {
  if (found instanceof type) return found
  throw new Error(`The page has no ${type.name} '${name}'`)
}
