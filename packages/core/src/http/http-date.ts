const IMF_FIXDATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/
const RFC850_DATE =
  /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/
const ASCTIME_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/

/** Parses the three forms of RFC 9110, section 5.6.7, to Unix seconds; anything else is `undefined`. */
export function parseHttpDate(text: string): number | undefined {
  // Date.parse alone takes far more than an HTTP date, and reads asctime as local time.
  const parsable = ASCTIME_DATE.test(text) ? `${text} GMT` : text
  if (parsable === text && !IMF_FIXDATE.test(text) && !RFC850_DATE.test(text)) return undefined
  const ms = Date.parse(parsable)
  return Number.isNaN(ms) ? undefined : ms / 1000
}

/** HTTP dates have whole seconds; file times do not. */
export function wholeSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000)
}
