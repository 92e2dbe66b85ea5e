const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

/** The HTTP date so many seconds after another. */
export function secondsFrom(httpDate: string, seconds: number): string {
  return new Date(Date.parse(httpDate) + seconds * 1000).toUTCString()
}

/** `Sunday, 06-Nov-94 08:49:37 GMT`: obsolete, and still to be taken (RFC 9110, section 5.6.7). */
export function rfc850Date(httpDate: string): string {
  const [, day, month, year, time] = httpDate.split(' ')
  const weekday = WEEKDAYS[new Date(httpDate).getUTCDay()]
  return `${weekday}, ${day}-${month}-${year?.slice(2)} ${time} GMT`
}

/** `Sun Nov  6 08:49:37 1994`: as obsolete. */
export function asctimeDate(httpDate: string): string {
  const [weekday, day, month, year, time] = httpDate.split(' ')
  return `${weekday?.slice(0, 3)} ${month} ${String(Number(day)).padStart(2)} ${time} ${year}`
}
