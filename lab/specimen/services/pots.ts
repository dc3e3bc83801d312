import { isAccount, numberFrom } from './customers.ts';
import { notFound, ok, type Service } from './service.ts';

export interface Pot {
  readonly id: string;
  readonly name: string;
  readonly balancePence: number;
}

const names = ['Holidays', 'Rent', 'Rainy days'];

/** `GET /pots/:account`: what was put aside, none to three. */
export const pots = (): Service => (asked) => {
  const [, account, ...rest] = asked.segments;
  if (asked.method !== 'GET' || rest.length > 0 || !isAccount(account)) return notFound(asked);
  const count = numberFrom(`pots of ${account}`, names.length + 1);
  return ok(names.slice(0, count).map((name, index): Pot => ({ id: `${account.replace('acc_', 'pot_')}_${index}`, name, balancePence: numberFrom(`${name} of ${account}`, 100_000) })));
};
