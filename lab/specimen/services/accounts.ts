import { isAccount, numberFrom } from './customers.ts';
import { notFound, ok, refused, type Service } from './service.ts';

export interface Account {
  readonly id: string;
  readonly balancePence: number;
  readonly currency: 'GBP';
}

/** `GET /accounts/:id` */
export const accounts = (): Service => (asked) => {
  const [, id, ...rest] = asked.segments;
  if (asked.method !== 'GET' || rest.length > 0) return notFound(asked);
  if (!isAccount(id)) return refused(404, `there is no account ${id ?? ''}`);
  return ok({ id, balancePence: numberFrom(`balance of ${id}`, 500_000), currency: 'GBP' } satisfies Account);
};
