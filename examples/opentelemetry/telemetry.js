import { subscribe } from 'node:diagnostics_channel'
import { metrics, SpanStatusCode, trace } from '@opentelemetry/api'

/** Of the meter provider that is there now: instruments that were made before the SDK started would be nobody's. */
function createInstruments() {
  const meter = metrics.getMeter('latchkey')
  return {
    minted: meter.createCounter('latchkey.minted', { description: 'URLs, cookies and tokens signed' }),
    requests: meter.createCounter('latchkey.requests', { description: 'Requests answered' }),
    duration: meter.createHistogram('latchkey.request.duration', {
      description: 'From the request to the end of its reply',
      unit: 's',
      advice: { explicitBucketBoundaries: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60] },
    }),
    sent: meter.createCounter('latchkey.sent', { description: 'Bytes of objects sent', unit: 'By' }),
    stored: meter.createCounter('latchkey.stored', { description: 'Bytes stored', unit: 'By' }),
  }
}

/**
 * Makes spans and metrics of Latchkey's events. Keys and subjects are in spans, of which there is one for each request, and not
 * in metrics, where every value would be a series of its own.
 */
export function watchLatchkey() {
  const tracer = trace.getTracer('latchkey')
  const { duration, minted, requests, sent, stored } = createInstruments()

  /**
   * @param {import('@latchkey/core').RequestTimes} event
   * @param {import('@opentelemetry/api').Attributes} attributes
   */
  function count({ durationMs }, attributes) {
    requests.add(1, attributes)
    duration.record(durationMs / 1000, attributes)
  }

  /**
   * A span over what has been: events come in the context of their request, so it is a child of the span that is active there.
   *
   * @param {string} name
   * @param {import('@latchkey/core').RequestTimes} event
   * @param {string | false} fault
   * @param {import('@opentelemetry/api').Attributes} attributes
   */
  function span(name, { durationMs, startedAt }, fault, attributes) {
    const one = tracer.startSpan(name, { startTime: startedAt, attributes })
    if (fault !== false) one.setStatus({ code: SpanStatusCode.ERROR, message: fault })
    one.end(startedAt.getTime() + durationMs)
  }

  on('minted', (/** @type {import('@latchkey/core').MintedEvent} */ event) => {
    minted.add(1, { what: event.what })
    trace.getActiveSpan()?.addEvent('latchkey.minted', {
      'latchkey.what': event.what,
      'latchkey.key': event.key ?? event.prefix ?? event.route ?? '',
    })
  })
  on('served', (/** @type {import('@latchkey/core').ServedEvent} */ event) => {
    const { access, bytes, complete, delivery, key, status, subject } = event
    const outcome = complete ? 'served' : 'broken_off'
    count(event, { outcome, delivery, access, status })
    sent.add(bytes, { delivery, access })
    span('latchkey served', event, !complete && 'the reply broke off', {
      'latchkey.key': key,
      'latchkey.subject': subject,
      'latchkey.bytes': bytes,
      'latchkey.delivery': delivery,
      'latchkey.access': access,
      'http.response.status_code': status,
    })
  })
  on('received', (/** @type {import('@latchkey/core').ReceivedEvent} */ event) => {
    const { contentType, created, key, multipart, size, subject } = event
    count(event, { outcome: 'received', multipart })
    stored.add(size, { multipart })
    span('latchkey received', event, false, {
      'latchkey.key': key,
      'latchkey.subject': subject,
      'latchkey.bytes': size,
      'latchkey.content_type': contentType,
      'latchkey.created': created,
    })
  })
  on('removed', (/** @type {import('@latchkey/core').RemovedEvent} */ event) => {
    count(event, { outcome: 'removed' })
    span('latchkey removed', event, false, { 'latchkey.key': event.key, 'latchkey.subject': event.subject })
  })
  on('refused', (/** @type {import('@latchkey/core').RefusedEvent} */ event) => {
    const { code, path, reason, status } = event
    count(event, { outcome: 'refused', code, status })
    // A refusal is the client's fault, and Latchkey has done its work; a fault from 500 on is not.
    span('latchkey refused', event, status >= 500 && reason, {
      'latchkey.path': path,
      'latchkey.code': code,
      'latchkey.reason': reason,
      'http.response.status_code': status,
    })
  })
}

/**
 * @template Event
 * @param {string} name
 * @param {(event: Event) => void} listener
 */
function on(name, listener) {
  subscribe(`latchkey:${name}`, (event) => listener(/** @type {Event} */ (event)))
}
