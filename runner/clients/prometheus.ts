import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { z } from 'zod';

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
   * @throws QueryRefused when the expression is wrong, or gives no vector; otherwise when Prometheus can't be asked
   */
  query(promql: string, signal: AbortSignal): Promise<readonly Sample[]>;
  close(): void;
}

/** Prometheus won't take the question: it is wrong, whatever the platform does. */
export class QueryRefused extends Error {
  override readonly name = 'QueryRefused';
}

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

/** @param base the address of Prometheus, without `/api/v1` */
export function connectPrometheus(base: string, { lookup, userAgent }: { readonly lookup: LookupFunction; readonly userAgent: string }): PrometheusClient {
  const secure = base.startsWith('https:');
  const agent = secure ? new https.Agent({ keepAlive: true, lookup }) : new http.Agent({ keepAlive: true, lookup });

  const ask = (url: URL, signal: AbortSignal): Promise<string> =>
    new Promise((resolve, reject) => {
      const request = (secure ? https : http).get(url, { agent, signal, headers: { 'user-agent': userAgent } }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.on('end', () => resolve(text)).on('error', reject);
      });
      request.on('error', reject);
    });
  return {
    async query(promql, signal) {
      const url = new URL(`${base.replace(/\/$/, '')}/api/v1/query`);
      url.searchParams.set('query', promql);
      const text = await ask(url, signal);
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
