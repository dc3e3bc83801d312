import { z } from 'zod';
import { QueryRefused, type PrometheusClient, type Sample } from '../clients/prometheus.ts';
import { DeadlineExceeded, withDeadline } from '../clock.ts';
import { ExpectedError, messageOf } from '../errors.ts';
import { defineProbe, type Answer, type ProbeContext } from '../probe.ts';

const comparison = /^(==|!=|<=|>=|<|>) ?(-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)$/i;
const operators: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
};
/** Of a question's time: after this, that Prometheus is silent is said in time. */
const patience = 0.9;

const schema = z.strictObject({
  query: z.string().min(1).describe('PromQL, asked for its value at this moment: sum(rate(requests_total{code=~"5.."}[10s]))'),
  is: z.string().regex(comparison, { error: 'give a comparison with a number, such as >= 5 or < 0.01' }).describe('What every value has to be, in the operators of PromQL: < 0.01'),
});

/** What does Prometheus say? */
export default defineProbe<z.output<typeof schema>>({
  summary: 'asks Prometheus for the value of a PromQL query; good while it is as it should be, unknown without data',
  schema,
  selects: [],
  permissions: { iam: [] },
  defaults: { everyMs: 1000, timeoutMs: 2000 },

  async open({ query, is }, context) {
    const prometheus = await context.world.prometheus();
    const holds = holdsOf(is);
    const ask = async (): Promise<Answer> => answerOf(await asked(prometheus, query, context), holds);
    // A query that is wrong is wrong before anything is broken; that Prometheus is silent just now is not.
    await answered(ask, (error) => {
      throw new ExpectedError(`probe ${context.name}: ${error.message}`, undefined, { cause: error });
    });
    return {
      streams: [{ name: context.name, ask: () => answered(ask, ({ message }) => ({ value: 'unknown', why: message })) }],
      close: async () => {},
    };
  },
});

function asked(prometheus: PrometheusClient, query: string, { clock, timeoutMs }: ProbeContext): Promise<readonly Sample[]> {
  return withDeadline(clock, timeoutMs * patience, 'Prometheus', (signal) => prometheus.query(query, signal));
}

/** Monitoring that is missing says nothing of the platform: it is not bad. */
async function answered(ask: () => Promise<Answer>, refused: (error: QueryRefused) => Answer): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof QueryRefused) return refused(error);
    if (error instanceof DeadlineExceeded) return { value: 'unknown', why: error.message };
    return { value: 'unknown', why: `Prometheus can't be asked: ${messageOf(error)}` };
  }
}

function holdsOf(is: string): (value: number) => boolean {
  const [, operator = '', number = ''] = comparison.exec(is) ?? [];
  const compare = operators[operator]!;
  return (value) => compare(value, Number(number));
}

function answerOf(samples: readonly Sample[], holds: (value: number) => boolean): Answer {
  if (samples.length === 0) return { value: 'unknown', why: 'no data' };
  // Such as a share of nothing: 0 / 0.
  if (samples.some(({ value }) => Number.isNaN(value))) return { value: 'unknown', why: 'no number' };
  const wrong = samples.filter(({ value }) => !holds(value));
  const first = wrong[0];
  if (!first) return { value: 'good', detail: { value: samples[0]!.value } };
  // Values differ from one question to the next; reasons are counted.
  return { value: 'bad', why: `${wrong.length} of ${samples.length} not so`, detail: { value: first.value, labels: first.labels } };
}
