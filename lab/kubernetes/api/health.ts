import type { Api } from './call.ts';
import type { Etcd } from './etcd/client.ts';
import type { Answer } from './http/respond.ts';

export type HealthCheck = 'healthz' | 'livez' | 'readyz';

/** How long etcd may take to answer. */
const etcdWithinMs = 2000;

/**
 * Checks that the server can do its work. With a name, only that check; `exclude=` leaves some out; `verbose` names them all.
 * Who fails is told, why is not, as in the real server.
 */
export async function health(api: Api, kind: HealthCheck, only: string | undefined, query: URLSearchParams): Promise<Answer> {
  const checks: Record<string, () => Promise<boolean>> = {
    ping: async () => true,
    log: async () => true,
    etcd: api.etcdAnswers,
    ...(kind === 'readyz' ? { 'informer-sync': () => loaded(api) } : {}),
    'poststarthook/rbac/bootstrap-roles': async () => true,
    ...(kind === 'readyz' ? { shutdown: async () => true } : {}),
  };
  if (only !== undefined && !Object.hasOwn(checks, only)) return { code: 404, body: '404 page not found\n' };
  const excluded = new Set(query.getAll('exclude'));
  const names = Object.keys(checks).filter((name) => (only === undefined || name === only) && !excluded.has(name));
  const results = await Promise.all(names.map(async (name) => ({ name, ok: await checks[name]!() })));
  const failed = results.some(({ ok }) => !ok);
  if (!failed && !query.has('verbose')) return { code: 200, body: 'ok' };
  const lines = results.map(({ name, ok }) => (ok ? `[+]${name} ok` : `[-]${name} failed: reason withheld`));
  return { code: failed ? 500 : 200, body: `${[...lines, `${kind} check ${failed ? 'failed' : 'passed'}`].join('\n')}\n` };
}

/**
 * Asks etcd whether it answers, at most each `everyMs`: between two questions the last answer holds, as in the real server. So
 * what happened a moment ago isn't told yet.
 */
export function createEtcdCheck(etcd: Etcd, everyMs: number): () => Promise<boolean> {
  let askedAtMs = -Infinity;
  let last: Promise<boolean> | undefined;
  return () => {
    if (last !== undefined && performance.now() - askedAtMs < everyMs) return last;
    askedAtMs = performance.now();
    return (last = etcdAnswers(etcd));
  };
}

async function etcdAnswers(etcd: Etcd): Promise<boolean> {
  if (!etcd.reachable) return false;
  try {
    await etcd.range({ key: '/registry/health', countOnly: true }, etcdWithinMs);
    return true;
  } catch {
    // The reason is withheld on purpose: the answer is for everybody.
    return false;
  }
}

function loaded({ store }: Api): Promise<boolean> {
  return Promise.race([store.caches.loaded.then(() => true), new Promise<boolean>((resolve) => setImmediate(resolve, false))]);
}
