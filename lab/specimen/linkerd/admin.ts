import { createServer, type Server } from 'node:http';
import type { Directory } from './directory.ts';
import type { Metrics } from './metrics.ts';

export interface Admin {
  readonly metrics: Metrics;
  /** Undefined until the proxy knows where services are. */
  readonly directory: () => Directory | undefined;
  /** Requests that are being answered. */
  readonly active: () => number;
}

/** The admin server of the proxy: `/admin/ping` is 200 once it can serve, `/admin/metrics/prometheus` is for Prometheus. */
export function createAdminServer({ metrics, directory, active }: Admin): Server {
  return createServer((request, response) => {
    const answer = (status: number, text: string): void => {
      response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'content-length': Buffer.byteLength(text) }).end(text);
    };
    const path = request.url?.split('?')[0];
    if (path === '/admin/ping') return directory() ? answer(200, 'pong') : answer(503, 'the first list of endpoints is not there yet\n');
    if (path === '/admin/metrics/prometheus') return answer(200, metrics.text([{ name: 'rt:server:connections:active_requests', labels: { rt: 'outgoing' }, value: active() }, ...gaugesOf(directory())]));
    answer(404, 'there are /admin/ping and /admin/metrics/prometheus\n');
  });
}

function gaugesOf(directory: Directory | undefined) {
  const nowMs = performance.now();
  return [...(directory?.balancers() ?? [])].flatMap(([service, { endpoints }]) => {
    const labels = { rt: 'outgoing', service };
    return [
      { name: 'rt:client:loadbalancer:size', labels, value: endpoints.length },
      { name: 'rt:client:loadbalancer:available', labels, value: endpoints.filter(({ accrual }) => accrual.isOpen(nowMs)).length },
      ...endpoints.flatMap(({ address, accrual, load, pool }) => {
        const own = { ...labels, endpoint: address };
        const connections = [...Object.values(pool.sockets), ...Object.values(pool.freeSockets)].flat().length;
        return [
          { name: 'rt:client:failure_accrual:state', labels: { ...own, state: accrual.state(nowMs) }, value: 1 },
          { name: 'rt:client:pending', labels: own, value: load },
          { name: 'rt:client:connections', labels: own, value: connections },
        ];
      }),
    ];
  });
}
