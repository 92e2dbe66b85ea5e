import { b64, END, forge } from '../forge.js'
import { G, given, holds, ID, P, put, refused, type TokenCase } from './case.js'

const DELEGATION = [`a${b64('image/*')}~e${END}~m10~ogp~p13~w1`, 'reports/2026/'] as const

/** Tokens that were handed out to be narrowed, and what was made of them. */
export const delegations: readonly TokenCase[] = [
  holds('delegation: all below a prefix', [DELEGATION], put),
  holds('delegation: one of its URLs', [DELEGATION, `a${b64('image/png')}~e${END - 60}~m5~op~w0`], put),
  holds('delegation: narrowed by who has the URL', [DELEGATION, P, [`e${END - 90}~i${ID}~l1~p0`, '']], put),
  holds('delegation with overrides', [
    [`e${END}~og~p13~x1`, 'reports/2026/'],
    `d${b64('aq3.pdf')}~e${END}~og`,
  ]),
  refused('delegation: operation it lacks', [DELEGATION, `e${END}~od`], { operation: 'delete' }),
  refused('delegation: file name it lacks', [DELEGATION, `d${b64('i')}~og`]),
  refused('delegation: key it lacks', [DELEGATION, ['op', 'reports/2025/q3.pdf']], {
    ...put,
    key: 'reports/2025/q3.pdf',
  }),
  given('delegation: its MAC alone', forge([DELEGATION]).slice(-43), 'invalid_signature'),
  given('delegation: without its MAC', forge([DELEGATION]).slice(0, -44), 'invalid_signature'),
  given(
    'delegation: its MAC as a token of its own',
    `2026-11.${G}.${forge([DELEGATION]).slice(-43)}`,
    'invalid_signature',
  ),
  given('delegation: the prefix itself', forge([DELEGATION]), 'invalid_signature', { key: 'reports/2026/' }),
]
