import type { Environment } from '../runner/environment.ts';
import { messageOf } from '../runner/errors.ts';
import { whyNotMaskable } from '../runner/mask.ts';
import type { JudgedRun } from '../runner/verdict.ts';
import { mask } from './secrets.ts';
import { version } from './version.ts';

/** Of each request, tries included; a run's end waits no longer for them. */
const timeoutMs = 5_000;

/** Any of these says where to; the SDK reads them, and those that belong to them. */
const endpointVariables = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT'];
const headerVariables = ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'OTEL_EXPORTER_OTLP_METRICS_HEADERS'];

/**
 * Sends a judged run as a trace and metrics where the environment file or the standard variables say so, in a few seconds at most.
 * The SDK is loaded only then.
 *
 * @returns `delivered`, or why not; undefined where nobody wants them
 */
export async function exportTelemetry({ name, opentelemetry }: Environment, run: JudgedRun, variables: NodeJS.ProcessEnv): Promise<string | undefined> {
  const wanted = opentelemetry !== undefined || endpointVariables.some((variable) => variables[variable]);
  if (!wanted || variables['OTEL_SDK_DISABLED'] === 'true') return undefined;
  try {
    hideHeaders(variables);
    const [{ sendOtlp }, { traceOf }, { figuresOf }] = await Promise.all([import('../runner/clients/otlp.ts'), import('../runner/telemetry/trace.ts'), import('../runner/telemetry/figures.ts')]);
    const safe = mask.data(run);
    await sendOtlp({ trace: traceOf(safe), figures: figuresOf(safe), settings: opentelemetry, version: version(), environment: name, timeoutMs });
    return 'delivered';
  } catch (error) {
    return messageOf(error);
  }
}

/** `name=value,name=value`, percent-encoded; the values are tokens as often as not. What is too short to be hidden is none. */
function hideHeaders(variables: NodeJS.ProcessEnv): void {
  for (const variable of headerVariables) {
    const values = (variables[variable] ?? '').split(',').map((pair) => pair.slice(pair.indexOf('=') + 1).trim());
    for (const value of values.flatMap((one) => [one, decodeURIComponent(one)])) if (whyNotMaskable(value) === undefined) mask.add(value, { of: `the variable ${variable}` });
  }
}
