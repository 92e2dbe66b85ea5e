const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB']

/**
 * `20 MB`, `1.4 GB`: two digits that say something, never a rounded-up unit.
 *
 * @param {number} bytes
 */
export function formatSize(bytes) {
  if (bytes === 1) return '1 byte'
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1024
    unit++
  }
  const digits = unit === 0 || value >= 9.95 ? 0 : 1
  return `${value.toFixed(digits).replace(/\.0$/, '')} ${UNITS[unit]}`
}

/**
 * The time left, as short as can be: `9 s`, `4:05 min`, `1 h 20 min`, `23 h`.
 *
 * @param {number} milliseconds
 */
export function formatTimeLeft(milliseconds) {
  // Never `0 s` of something that is still there.
  const seconds = Math.max(1, Math.floor(milliseconds / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}:${String(seconds % 60).padStart(2, '0')} min`
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' })
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' })

/**
 * `today, 14:03`, or for other days the date.
 *
 * @param {Date} date
 */
export function formatDate(date) {
  return date.toDateString() === new Date().toDateString() ? `today, ${time.format(date)}` : day.format(date)
}

/** @param {Date} date */
export function formatFullDate(date) {
  return full.format(date)
}
