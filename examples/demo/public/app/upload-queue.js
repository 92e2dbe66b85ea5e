// A browser keeps six connections to a server of HTTP/1.1. Two uploads of two parts each leave some for links.
const AT_ONCE = 2

/**
 * @typedef {object} Job
 * @property {string} name
 * @property {() => boolean} rests whether it is paused, and lets others go first
 * @property {() => Promise<void>} run never rejects
 */

/** @type {Job[]} */
const waiting = []
/** @type {Set<Job>} */
const running = new Set()

/**
 * Runs a job as soon as few enough are running, and none of the same name: two files of one name would both be told
 * that it is free.
 *
 * @param {Job} job
 */
export function enqueue(job) {
  waiting.push(job)
  startNext()
}

/** To be called when a job was paused. */
export function startNext() {
  while ([...running].filter((job) => !job.rests()).length < AT_ONCE) {
    const at = waiting.findIndex(({ name }) => ![...running].some((other) => other.name === name))
    const job = at === -1 ? undefined : waiting.splice(at, 1)[0]
    if (job === undefined) return
    running.add(job)
    job.run().finally(() => {
      running.delete(job)
      startNext()
    })
  }
}
