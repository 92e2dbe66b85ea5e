import { metrics } from '@opentelemetry/api'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  ConsoleMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BatchSpanProcessor, ConsoleSpanExporter, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'

/**
 * Sends spans and metrics to the collector whose address is given, as in OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318; else
 * to the console.
 *
 * @returns sends what has not been sent yet, and stops
 */
export function startSdk() {
  const hasCollector = process.env.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined
  const resource = resourceFromAttributes({ 'service.name': 'latchkey-example' })
  const tracers = new NodeTracerProvider({
    resource,
    spanProcessors: [
      new BatchSpanProcessor(hasCollector ? new OTLPTraceExporter() : new ConsoleSpanExporter()),
    ],
  })
  tracers.register()
  const meters = new MeterProvider({
    resource,
    readers: [
      new PeriodicExportingMetricReader({
        exporter: hasCollector ? new OTLPMetricExporter() : new ConsoleMetricExporter(),
      }),
    ],
  })
  metrics.setGlobalMeterProvider(meters)
  return async () => {
    await Promise.allSettled([tracers.shutdown(), meters.shutdown()])
  }
}
