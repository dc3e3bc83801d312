import protobuf from 'protobufjs';

const field = (type: string, id: number): { type: string; id: number } => ({ type, id });
const list = (type: string, id: number): { rule: string; type: string; id: number } => ({ rule: 'repeated', type, id });

/** The messages of OTLP 1.x that traces and metrics are made of, by the field numbers of opentelemetry-proto. */
const root = protobuf.Root.fromJSON({
  nested: {
    AnyValue: {
      oneofs: { value: { oneof: ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue'] } },
      fields: { stringValue: field('string', 1), boolValue: field('bool', 2), intValue: field('int64', 3), doubleValue: field('double', 4), arrayValue: field('ArrayValue', 5) },
    },
    ArrayValue: { fields: { values: list('AnyValue', 1) } },
    KeyValue: { fields: { key: field('string', 1), value: field('AnyValue', 2) } },
    Resource: { fields: { attributes: list('KeyValue', 1) } },
    Scope: { fields: { name: field('string', 1), version: field('string', 2) } },
    TraceRequest: { fields: { resourceSpans: list('ResourceSpans', 1) } },
    ResourceSpans: { fields: { resource: field('Resource', 1), scopeSpans: list('ScopeSpans', 2) } },
    ScopeSpans: { fields: { scope: field('Scope', 1), spans: list('Span', 2) } },
    Span: {
      fields: {
        traceId: field('bytes', 1), spanId: field('bytes', 2), parentSpanId: field('bytes', 4), name: field('string', 5), kind: field('int32', 6),
        startTimeUnixNano: field('fixed64', 7), endTimeUnixNano: field('fixed64', 8), attributes: list('KeyValue', 9), events: list('Event', 11), status: field('Status', 15),
      },
    },
    Event: { fields: { timeUnixNano: field('fixed64', 1), name: field('string', 2), attributes: list('KeyValue', 3) } },
    Status: { fields: { message: field('string', 2), code: field('int32', 3) } },
    MetricsRequest: { fields: { resourceMetrics: list('ResourceMetrics', 1) } },
    ResourceMetrics: { fields: { resource: field('Resource', 1), scopeMetrics: list('ScopeMetrics', 2) } },
    ScopeMetrics: { fields: { scope: field('Scope', 1), metrics: list('Metric', 2) } },
    Metric: { fields: { name: field('string', 1), description: field('string', 2), unit: field('string', 3), gauge: field('Gauge', 5), sum: field('Sum', 7) } },
    Gauge: { fields: { dataPoints: list('Point', 1) } },
    Sum: { fields: { dataPoints: list('Point', 1), aggregationTemporality: field('int32', 2), isMonotonic: field('bool', 3) } },
    Point: {
      oneofs: { value: { oneof: ['asDouble', 'asInt'] } },
      fields: { startTimeUnixNano: field('fixed64', 2), timeUnixNano: field('fixed64', 3), asDouble: field('double', 4), asInt: field('sfixed64', 6), attributes: list('KeyValue', 7) },
    },
  },
});

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
  const message = root.lookupType(type);
  return message.toObject(message.decode(body), { longs: String, bytes: String });
}

export function spansIn(body: Buffer): { readonly resource: Record<string, unknown>; readonly spans: readonly SeenSpan[] } {
  const { resourceSpans } = decode('TraceRequest', body) as { resourceSpans: { resource: { attributes: KeyValue[] }; scopeSpans: { spans: SeenSpan[] }[] }[] };
  return { resource: plain(resourceSpans[0]!.resource.attributes), spans: resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)) };
}

export function metricsIn(body: Buffer): readonly SeenMetric[] {
  const { resourceMetrics } = decode('MetricsRequest', body) as { resourceMetrics: { scopeMetrics: { metrics: SeenMetric[] }[] }[] };
  return resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
}

/** Attributes as an object. */
export function plain(attributes: readonly KeyValue[] = []): Record<string, unknown> {
  const valueOf = ({ stringValue, boolValue, intValue, doubleValue, arrayValue }: KeyValue['value']): unknown => stringValue ?? boolValue ?? (intValue === undefined ? undefined : Number(intValue)) ?? doubleValue ?? arrayValue?.values.map(valueOf);
  return Object.fromEntries(attributes.map(({ key, value }) => [key, valueOf(value)]));
}
