import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'

type Value = string | number | boolean | undefined

/** A span as a collector gets it. */
interface Span {
  readonly name: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly traceId: string
  /** Milliseconds. */
  readonly start: number
  readonly end: number
  readonly isError: boolean
  readonly attributes: Readonly<Record<string, Value>>
  readonly events: readonly string[]
}

/** One series of a metric. */
interface Point {
  readonly metric: string
  /** The sum, or how many values a histogram has. */
  readonly value: number
  readonly attributes: Readonly<Record<string, Value>>
}

interface WireAttribute {
  readonly key: string
  readonly value: {
    stringValue?: string
    intValue?: number | string
    boolValue?: boolean
    doubleValue?: number
  }
}

interface WireSpan {
  readonly name: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly traceId: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly status: { code?: number }
  readonly attributes: readonly WireAttribute[]
  readonly events: readonly { name: string }[]
}

interface WirePoint {
  readonly attributes: readonly WireAttribute[]
  readonly asInt?: number | string
  readonly asDouble?: number
  readonly count?: number | string
}

interface WireMetric {
  readonly name: string
  readonly sum?: { dataPoints: readonly WirePoint[] }
  readonly histogram?: { dataPoints: readonly WirePoint[] }
}

interface WireBody {
  readonly resourceSpans?: readonly { scopeSpans: readonly { spans: readonly WireSpan[] }[] }[]
  readonly resourceMetrics?: readonly { scopeMetrics: readonly { metrics: readonly WireMetric[] }[] }[]
}

/** A collector that takes OTLP over HTTP as JSON, and keeps it. */
export async function startCollector() {
  const spans: Span[] = []
  let points: Point[] = []
  const server = createServer(async (request, response) => {
    const body = JSON.parse(await text(request)) as WireBody
    for (const { scopeSpans } of body.resourceSpans ?? []) {
      for (const scope of scopeSpans) spans.push(...scope.spans.map(readSpan))
    }
    if (body.resourceMetrics !== undefined) {
      // Each report has all that was counted so far.
      points = body.resourceMetrics.flatMap(({ scopeMetrics }) =>
        scopeMetrics.flatMap(({ metrics }) => metrics.flatMap(readPoints)),
      )
    }
    response.setHeader('content-type', 'application/json').end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the collector has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    spans,
    points: () => points,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

function readSpan(span: WireSpan): Span {
  return {
    name: span.name,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    traceId: span.traceId,
    start: Number(span.startTimeUnixNano) / 1e6,
    end: Number(span.endTimeUnixNano) / 1e6,
    isError: span.status.code === 2,
    attributes: readAttributes(span.attributes),
    events: span.events.map(({ name }) => name),
  }
}

function readPoints({ histogram, name, sum }: WireMetric): Point[] {
  const points = sum?.dataPoints ?? histogram?.dataPoints ?? []
  return points.map(({ asDouble, asInt, attributes, count }) => ({
    metric: name,
    value: Number(asInt ?? asDouble ?? count),
    attributes: readAttributes(attributes),
  }))
}

function readAttributes(attributes: readonly WireAttribute[]): Record<string, Value> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.boolValue ?? value.doubleValue ?? Number(value.intValue),
    ]),
  )
}
