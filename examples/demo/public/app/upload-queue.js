const AT_ONCE = 3

/**
 * @typedef {object} Job
 * @property {string} name
 * @property {() => Promise<void>} run never rejects
 */

/** @type {Job[]} */
const waiting = []
/** @type {Set<Job>} */
const running = new Set()

/**
 * Runs a job as soon as fewer than three are running, and none of the same name: two files of one name would both
 * be told that it is free.
 *
 * @param {Job} job
 */
export function enqueue(job) {
  waiting.push(job)
  startNext()
}

function startNext() {
  while (running.size < AT_ONCE) {
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
