import { z } from 'zod';

/** Where a run is sent as a trace and metrics, by OTLP over HTTP. */
export const telemetrySchema = z.strictObject({
  /** Its base, to which `/v1/traces` and `/v1/metrics` are added. */
  endpoint: z.url({ protocol: /^https?$/, error: 'give the base address of an OTLP/HTTP receiver, such as https://otel.example.com:4318' }),
  /** Sent with each request; their values are secrets. */
  headers: z.record(z.string().regex(/^[\w-]+$/, { error: 'give the name of a header' }), z.string()).default({}),
});

export type TelemetrySettings = z.output<typeof telemetrySchema>;
