import { z } from 'zod';
import { goesThroughProxy, notThroughProxy, requestSchema, requestShape } from '../../scenarios/traffic.ts';
import { percentage, rate } from '../../scenarios/values.ts';
import { ExpectedError } from '../errors.ts';
import { defineProbe, type ProbeContext } from '../probe.ts';
import { inCluster } from '../rbac.ts';
import { hostsOf } from '../traffic/demands.ts';
import { nodeProxies } from '../traffic/node-proxies.ts';
import { vantageSchema } from '../traffic/vantage.ts';
import { valueOfWindow } from '../traffic/window-value.ts';

const schema = z.strictObject({
  ...requestShape,
  rate: rate.prefault('10/s').describe('How many requests are sent in a second, such as 50/s; 10/s when left out'),
  badAbove: percentage.prefault('0%').describe('A window is bad when more than this part of its requests failed; 0% when left out: any failure'),
  via: z.enum(['direct', 'node-local']).default('direct').describe('node-local: through the proxy (linkerd) of each node that is selected, as a service there would'),
  proxyPort: z.int().min(1).max(65_535).default(4140).describe('via node-local: the port of the proxy on its node'),
  from: vantageSchema.default('outside').describe('Where the probe stands: outside (when left out), or the zone or the node that firedrill runs in'),
});
type Spec = z.output<typeof schema>;

const defaults = { everyMs: 100, timeoutMs: 1000 };

/** Do requests succeed, and how fast? */
export default defineProbe<Spec>({
  summary: 'sends HTTP requests at a constant rate; each window of them (every) is good, or bad when requests in it failed',
  schema,
  selects: ['names', 'labels', 'zone', 'notZone'],
  permissions: { iam: [] },
  asks: ({ via }) => (via === 'node-local' ? { needs: ['kubernetes'], permissions: { iam: [], rbac: [inCluster('', ['nodes'], ['list', 'watch'])] } } : {}),
  traffic: (spec) => ({ hosts: hostsOf(spec), perSecond: spec.rate }),
  defaults,

  async open(spec, context) {
    check(spec, context);
    const http = await context.world.http();
    const proxies = spec.via === 'node-local' ? await nodeProxies(spec, context) : [{ name: context.name, proxy: spec.proxy }];
    const perSecond = spec.rate / proxies.length;
    const { every: everyMs = defaults.everyMs } = spec;
    if (perSecond * everyMs < 1_000) {
      const shared = proxies.length > 1 ? ` for each of ${proxies.length} nodes` : '';
      throw new ExpectedError(`probe ${context.name}: every is ${everyMs}ms, and ${perSecond}/s${shared} is less than a request in each; give every ${Math.ceil(1_000 / perSecond)}ms or more, or a higher rate`);
    }
    const shape = requestSchema.keyof().options;
    const request = Object.fromEntries(shape.map((key) => [key, spec[key]]));
    const requests = proxies.map(({ name, proxy }) => ({
      name,
      sender: http.sender({ ...(request as z.output<typeof requestSchema>), proxy }),
      perSecond,
      answerOf: (window: Parameters<typeof valueOfWindow>[0]) => valueOfWindow(window, spec.badAbove),
    }));
    return { streams: [], requests, close: async () => {} };
  },
});

function check({ url, via, proxy, select }: Spec & { select?: object | undefined }, { name }: ProbeContext): void {
  const proxied = via === 'node-local' || proxy !== undefined;
  if (proxied && !goesThroughProxy(url)) throw new ExpectedError(`probe ${name}: ${notThroughProxy}; ask for http, or leave via and proxy out`);
  if (via === 'node-local' && proxy !== undefined) throw new ExpectedError(`probe ${name}: via node-local is the proxy of a node; leave proxy out`);
  if (via !== 'node-local' && select !== undefined) throw new ExpectedError(`probe ${name}: select means the nodes of via: node-local; add that, or leave select out`);
}
