import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { z } from 'zod';
import type { Environment } from '../environment.ts';
import http from './node-http.ts';

/** One sample of what a query gave: its labels as PromQL writes them, and its value. */
export interface Sample {
  readonly labels: string;
  readonly value: number;
}

export interface PrometheusClient {
  /**
   * Asks for the value of a PromQL expression at this moment (`/api/v1/query`).
   *
   * @returns the samples of a vector, or the one of a scalar
   * @throws QueryRefused when the expression is wrong or gives no vector, or when we may not ask; otherwise when Prometheus can't be asked
   */
  query(promql: string, signal: AbortSignal): Promise<readonly Sample[]>;
  close(): void;
}

/** Prometheus won't take the question: it, or who asks it, is wrong, whatever the platform does. */
export class QueryRefused extends Error {
  override readonly name = 'QueryRefused';
}

const unauthorized: ReadonlySet<number> = new Set([401, 403]);

const point = z.tuple([z.number(), z.string()]);
const answerSchema = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('success'),
    data: z.discriminatedUnion('resultType', [
      z.object({ resultType: z.literal('vector'), result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: point.optional() })) }),
      z.object({ resultType: z.literal('scalar'), result: point }),
      z.object({ resultType: z.enum(['matrix', 'string']) }),
    ]),
  }),
  z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() }),
]);

/**
 * @param url the address of Prometheus, without `/api/v1`
 * @param token what it wants to see of whoever asks; none when left out
 */
export function connectPrometheus({ url: base, token }: NonNullable<Environment['prometheus']>, { lookup, userAgent }: { readonly lookup: LookupFunction; readonly userAgent: string }): PrometheusClient {
  const headers = { 'user-agent': userAgent, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  const secure = base.startsWith('https:');
  const agent = secure ? new https.Agent({ keepAlive: true, lookup }) : new http.Agent({ keepAlive: true, lookup });

  const ask = (url: URL, signal: AbortSignal): Promise<{ readonly status: number; readonly text: string }> =>
    new Promise((resolve, reject) => {
      const request = (secure ? https : http).get(url, { agent, signal, headers }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text })).on('error', reject);
      });
      request.on('error', reject);
    });
  return {
    async query(promql, signal) {
      const url = new URL(`${base.replace(/\/$/, '')}/api/v1/query`);
      url.searchParams.set('query', promql);
      const { status, text } = await ask(url, signal);
      if (unauthorized.has(status)) throw new QueryRefused(`Prometheus answers ${status} to us; ${token === undefined ? 'give prometheus.token' : 'check prometheus.token'} in the environment file`);
      return samplesOf(parse(text), promql);
    },
    close: () => agent.destroy(),
  };
}

function parse(text: string): z.output<typeof answerSchema> {
  try {
    return answerSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new Error('it answers something that Prometheus does not say', { cause: error });
  }
}

function samplesOf(answer: z.output<typeof answerSchema>, promql: string): Sample[] {
  if (answer.status === 'error') {
    if (answer.errorType === 'bad_data') throw new QueryRefused(`Prometheus refuses ${promql}: ${answer.error}`);
    throw new Error(`${answer.errorType}: ${answer.error}`);
  }
  const { data } = answer;
  if (data.resultType === 'scalar') return [{ labels: '', value: numberOf(data.result[1]) }];
  if (data.resultType !== 'vector') throw new QueryRefused(`${promql} gives a ${data.resultType}; ask for one value at one moment`);
  // A native histogram has no single value.
  if (data.result.some(({ value }) => value === undefined)) throw new QueryRefused(`${promql} gives a histogram; ask for one value, as histogram_quantile does`);
  return data.result.map(({ metric, value }) => ({ labels: labelsText(metric), value: numberOf(value![1]) }));
}

function labelsText({ __name__: name = '', ...labels }: Readonly<Record<string, string>>): string {
  return `${name}{${Object.entries(labels).map(([key, value]) => `${key}="${value}"`).join(',')}}`;
}

function numberOf(text: string): number {
  return text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text);
}
