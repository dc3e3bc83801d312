import { randomUUID } from 'node:crypto';
import type { Account } from './accounts.ts';
import { isAccount } from './customers.ts';
import { notFound, refused, type Answer, type Asked, type Service, type Surroundings } from './service.ts';

interface Payment {
  readonly account: string;
  readonly to: string;
  readonly amountPence: number;
}

/** So many are remembered by their keys; the oldest are forgotten first. */
const mostRemembered = 10_000;

/**
 * `POST /payments`: pays when the account has enough. The same `idempotency-key` gives the same answer again, and pays once,
 * also while the first is under way; as long as it is the same pod that is asked.
 */
export const payments = ({ mesh }: Surroundings): Service => {
  const remembered = new Map<string, Promise<Answer>>();

  async function pay({ account, to, amountPence }: Payment, { headers: context }: Asked): Promise<Answer> {
    const found = await mesh.call('accounts', { path: `/accounts/${account}`, context });
    if (found.status === 404) return refused(422, `there is no account ${account}`);
    if (found.status !== 200) return refused(502, `accounts answered ${found.status}`);
    const { balancePence } = JSON.parse(found.body.toString()) as Account;
    if (amountPence > balancePence) return refused(422, `account ${account} has ${balancePence} pence, and ${amountPence} were to be paid`);
    return { status: 201, body: { id: `pay_${randomUUID()}`, account, to, amountPence, state: 'accepted' } };
  }

  return async (asked) => {
    if (asked.method !== 'POST' || asked.segments.length !== 1) return notFound(asked);
    const payment = paymentIn(asked.body);
    if (!payment) return refused(400, 'give JSON such as {"account":"acc_1","to":"acc_2","amountPence":100}');
    const key = asked.headers['idempotency-key'];
    if (typeof key !== 'string') return pay(payment, asked);
    const known = remembered.get(key);
    if (known) return { ...(await known), headers: { 'idempotent-replayed': 'true' } };
    const answer = pay(payment, asked);
    remembered.set(key, answer);
    if (remembered.size > mostRemembered) remembered.delete(remembered.keys().next().value!);
    // What was not decided may be asked again.
    answer.then(({ status }) => status >= 500 && remembered.delete(key), () => remembered.delete(key));
    return answer;
  };
};

/** @returns undefined when it isn't one */
function paymentIn(body: Buffer): Payment | undefined {
  let given: Partial<Payment> | null;
  try {
    given = JSON.parse(body.toString()) as Partial<Payment> | null;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const { account, to, amountPence } = given ?? {};
  const isSound = isAccount(account) && isAccount(to) && typeof amountPence === 'number' && Number.isInteger(amountPence) && amountPence > 0;
  return isSound ? { account, to, amountPence } : undefined;
}
