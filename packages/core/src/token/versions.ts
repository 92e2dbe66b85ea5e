import type { Grant, VersionRule } from './grant.js'

/** Only this version may still be replaced or removed, if it may at all; and nothing may be created. */
export function onlyVersion(rule: VersionRule, etag: string): VersionRule {
  if (rule === 'any') return { etag }
  return rule === 'none' || rule.etag !== etag ? 'none' : rule
}

/** Nothing may be replaced any more. */
export function onlyCreate(write: Grant['write']): Grant['write'] {
  return { create: write.create, replace: 'none' }
}
