import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * The headers by which a request can be followed through the services, in the three forms that are about. Those it came with
 * stay as they are; those that are absent are made, for the same trace where its number is known.
 *
 * @returns the headers that have to be added, and `l5d-reqid`
 */
export function traceHeaders(given: IncomingHttpHeaders): Record<string, string> {
  const trace = traceOf(given) ?? randomBytes(8).toString('hex');
  const span = randomBytes(8).toString('hex');
  const made: Record<string, string> = {};
  if (given['x-b3-traceid'] === undefined) Object.assign(made, { 'x-b3-traceid': trace, 'x-b3-spanid': span, 'x-b3-sampled': '1' });
  if (given.traceparent === undefined) made.traceparent = `00-${trace.padStart(32, '0')}-${span}-01`;
  if (given['l5d-ctx-trace'] === undefined) made['l5d-ctx-trace'] = finagleTrace(trace.slice(-16), span);
  return { ...made, 'l5d-reqid': trace.slice(-16) };
}

/** The trace's number, hexadecimal; undefined when no header tells it. */
function traceOf(given: IncomingHttpHeaders): string | undefined {
  const { 'x-b3-traceid': b3, traceparent, 'l5d-ctx-trace': linkerd } = given;
  if (typeof b3 === 'string' && /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/.test(b3)) return b3;
  const parent = typeof traceparent === 'string' ? /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(traceparent)?.[1] : undefined;
  if (parent !== undefined) return parent;
  const bytes = Buffer.from(typeof linkerd === 'string' ? linkerd : '', 'base64');
  return bytes.length >= 32 ? bytes.subarray(16, 24).toString('hex') : undefined;
}

/** As Finagle writes it: span, parent, trace and flags, 64 bits each, in Base64. The root of a trace is its own parent. */
function finagleTrace(trace: string, span: string): string {
  const sampled = '0000000000000006';
  return Buffer.from([span, span, trace, sampled].join(''), 'hex').toString('base64');
}
