import { isAccount, numberFrom } from './customers.ts';
import { notFound, ok, type Service } from './service.ts';

export interface Card {
  readonly id: string;
  readonly account: string;
  readonly lastFour: string;
  readonly state: 'active' | 'frozen';
}

/** `GET /cards/:account` */
export const cards = (): Service => (asked) => {
  const [, account, ...rest] = asked.segments;
  if (asked.method !== 'GET' || rest.length > 0 || !isAccount(account)) return notFound(asked);
  const lastFour = String(numberFrom(`card of ${account}`, 10_000)).padStart(4, '0');
  return ok([{ id: account.replace('acc_', 'card_'), account, lastFour, state: numberFrom(`state of ${account}`, 20) === 0 ? 'frozen' : 'active' }] satisfies Card[]);
};
