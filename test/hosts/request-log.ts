/** What an app's logger has seen. Kept, not printed. */
export type RequestLog = string[]

/** The header that the hosts' earlier middleware sets on every reply. */
export const EARLIER_HEADER = 'x-request-id'
