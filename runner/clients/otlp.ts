import { context, SpanStatusCode, trace, type HrTime, type Tracer } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { TracerProvider, type ReadableSpan, type SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Figure } from '../telemetry/figures.ts';
import type { TelemetrySettings } from '../telemetry/settings.ts';
import type { SpanOf } from '../telemetry/trace.ts';

export interface OtlpInput {
  readonly trace: SpanOf;
  readonly figures: readonly Figure[];
  /** Where to; undefined leaves it to the SDK and the standard variables, `OTEL_EXPORTER_OTLP_ENDPOINT` and the rest. */
  readonly settings: TelemetrySettings | undefined;
  readonly version: string;
  readonly environment: string;
  /** How long each of the two requests may take, tries included, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Sends a trace and metrics, as protobuf over HTTP. Nothing of the SDK is registered, and nothing is left running.
 *
 * @throws the first error when one of the two was not taken
 */
export async function sendOtlp({ trace: root, figures, settings, version, environment, timeoutMs }: OtlpInput): Promise<void> {
  const resource = resourceFromAttributes({ 'service.name': 'firedrill', 'service.version': version, 'deployment.environment.name': environment });
  const target = (signal: 'traces' | 'metrics') => ({
    timeoutMillis: timeoutMs,
    keepAlive: false,
    ...(settings && { url: `${settings.endpoint.replace(/\/$/, '')}/v1/${signal}`, headers: { ...settings.headers } }),
  });

  const kept = new KeptSpans();
  const tracer = new TracerProvider({ resource, spanProcessors: [kept] }).getTracer('firedrill', version);
  record(tracer, root);

  const reader = new OnceRead();
  const meter = new MeterProvider({ resource, readers: [reader] }).getMeter('firedrill', version);
  for (const { name, of, unit, kind, points } of figures) {
    const options = { description: of, unit };
    if (kind === 'counter') points.forEach(({ value, attributes }) => meter.createCounter(name, options).add(value, attributes));
    else points.forEach(({ value, attributes }) => meter.createGauge(name, options).record(value, attributes));
  }
  const { resourceMetrics } = await reader.collect();

  const traces = new OTLPTraceExporter(target('traces'));
  const metrics = new OTLPMetricExporter(target('metrics'));
  try {
    await Promise.all([
      taken((done) => traces.export(kept.spans, done)),
      taken((done) => metrics.export(resourceMetrics, done)),
    ]);
  } finally {
    await Promise.allSettled([traces.shutdown(), metrics.shutdown()]);
  }
}

/** Spans in their making, each under its parent. */
function record(tracer: Tracer, { name, fromMs, toMs, attributes, events, failed, children }: SpanOf, parent = context.active()): void {
  const span = tracer.startSpan(name, { startTime: hrTime(fromMs), attributes }, parent);
  for (const event of events) span.addEvent(event.name, event.attributes, hrTime(event.atMs));
  if (failed !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failed });
  const within = trace.setSpan(parent, span);
  for (const child of children) record(tracer, child, within);
  span.end(hrTime(Math.max(fromMs, toMs)));
}

/** A number would be taken for one of this process's own clock when it lies before its start. */
function hrTime(epochMs: number): HrTime {
  const seconds = Math.floor(epochMs / 1_000);
  return [seconds, Math.round((epochMs - seconds * 1_000) * 1e6)];
}

type ExportDone = Parameters<OTLPTraceExporter['export']>[1];

function taken(send: (done: ExportDone) => void): Promise<void> {
  return new Promise((resolve, reject) => send(({ error, code }) => (code === 0 ? resolve() : reject(error ?? new Error('it was not taken')))));
}

class KeptSpans implements SpanProcessor {
  readonly spans: ReadableSpan[] = [];
  onStart(): void {}
  onEnd(span: ReadableSpan): void {
    this.spans.push(span);
  }
  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}

class OnceRead extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}
