import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import protobuf from 'protobufjs';

/** The definitions that OpenTelemetry publishes, as `.proto` files. */
const published = join(dirname(createRequire(import.meta.url).resolve('@opentelemetry/otlp-grpc-exporter-base/package.json')), 'build/protos');
const collector = 'opentelemetry/proto/collector';
const root = new protobuf.Root();
root.resolvePath = (_from, path) => join(published, path);
root.loadSync([`${collector}/trace/v1/trace_service.proto`, `${collector}/metrics/v1/metrics_service.proto`]);

interface KeyValue {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly boolValue?: boolean; readonly intValue?: string; readonly doubleValue?: number; readonly arrayValue?: { readonly values: readonly KeyValue['value'][] } };
}

export interface SeenSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly KeyValue[];
  readonly events?: readonly { readonly name: string; readonly timeUnixNano: string; readonly attributes?: readonly KeyValue[] }[];
  readonly status?: { readonly code?: number; readonly message?: string };
}

export interface SeenMetric {
  readonly name: string;
  readonly unit: string;
  readonly gauge?: { readonly dataPoints: readonly SeenPoint[] };
  readonly sum?: { readonly dataPoints: readonly SeenPoint[]; readonly isMonotonic: boolean };
}
export interface SeenPoint {
  readonly asDouble?: number;
  readonly asInt?: string;
  readonly attributes: readonly KeyValue[];
}

function decode(type: string, body: Buffer): unknown {
  const message = root.lookupType(`opentelemetry.proto.collector.${type}`);
  return message.toObject(message.decode(body), { longs: String, bytes: String });
}

export function spansIn(body: Buffer): { readonly resource: Record<string, unknown>; readonly spans: readonly SeenSpan[] } {
  const { resourceSpans } = decode('trace.v1.ExportTraceServiceRequest', body) as { resourceSpans: { resource: { attributes: KeyValue[] }; scopeSpans: { spans: SeenSpan[] }[] }[] };
  return { resource: plain(resourceSpans[0]!.resource.attributes), spans: resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)) };
}

export function metricsIn(body: Buffer): readonly SeenMetric[] {
  const { resourceMetrics } = decode('metrics.v1.ExportMetricsServiceRequest', body) as { resourceMetrics: { scopeMetrics: { metrics: SeenMetric[] }[] }[] };
  return resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
}

/** Attributes as an object. */
export function plain(attributes: readonly KeyValue[] = []): Record<string, unknown> {
  const valueOf = ({ stringValue, boolValue, intValue, doubleValue, arrayValue }: KeyValue['value']): unknown => stringValue ?? boolValue ?? (intValue === undefined ? undefined : Number(intValue)) ?? doubleValue ?? arrayValue?.values.map(valueOf);
  return Object.fromEntries(attributes.map(({ key, value }) => [key, valueOf(value)]));
}
