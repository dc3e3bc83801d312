import type { Account } from './accounts.ts';
import type { Card } from './cards.ts';
import { isAccount } from './customers.ts';
import type { MeshAnswer } from './mesh.ts';
import { notFound, ok, refused, type Service, type Surroundings } from './service.ts';

/** `GET /feed/:account`: what there is to tell, put together from accounts and cards, which it asks at the same time. */
export const feed = ({ mesh }: Surroundings): Service => async (asked) => {
  const [, account, ...rest] = asked.segments;
  if (asked.method !== 'GET' || rest.length > 0 || !isAccount(account)) return notFound(asked);
  const { headers: context } = asked;
  const answers = await Promise.all(['accounts', 'cards'].map((service) => mesh.call(service, { path: `/${service}/${account}`, context })));
  const bad = answers.find(({ status }) => status !== 200);
  if (bad) return refused(502, `one of accounts and cards answered ${bad.status}`);
  const [{ balancePence }, own] = answers.map(jsonOf) as [Account, Card[]];
  return ok({ account, items: [{ kind: 'balance', balancePence }, ...own.map(({ lastFour, state }) => ({ kind: 'card', lastFour, state }))] });
};

const jsonOf = ({ body }: MeshAnswer): unknown => JSON.parse(body.toString());
