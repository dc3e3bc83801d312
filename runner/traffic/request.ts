import type { z } from 'zod';
import type { requestSchema } from '../../scenarios/traffic.ts';
import type { FailureKind } from './outcome.ts';

/** A request as a drill writes it. */
export type RequestSpec = z.output<typeof requestSchema>;

/** What an answer has to be for its request to be ok. */
export interface Expectation {
  /** Whether the body has to be read for it. */
  readonly readsBody: boolean;
  /** @returns undefined when the answer is as expected */
  failureOf(status: number, body: string): FailureKind | undefined;
}

/** An answer of 5xx that is not expected is told apart from any other that is not. */
export function expectationOf({ expect }: Pick<RequestSpec, 'expect'>): Expectation {
  const statuses = [expect.status].flat();
  const pattern = expect.bodyMatches === undefined ? undefined : new RegExp(expect.bodyMatches, 'u');
  const isExpected = (status: number): boolean => statuses.some((one) => (typeof one === 'number' ? one === status : status >= Number(one[0]) * 100 && status < (Number(one[0]) + 1) * 100));
  return {
    readsBody: expect.body !== undefined || pattern !== undefined,
    failureOf(status, body) {
      if (!isExpected(status)) return status >= 500 ? '5xx' : 'wrong answer';
      if (expect.body !== undefined && !body.includes(expect.body)) return 'wrong answer';
      return pattern && !pattern.test(body) ? 'wrong answer' : undefined;
    },
  };
}
