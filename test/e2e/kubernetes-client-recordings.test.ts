import { deepEqual, equal } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { send } from './kubernetes-request.ts';
import { openWatch } from './kubernetes-watch-replay.ts';
import { startLocalApiServer, type LocalApiServer } from './local-api-server.ts';

type Json = ReturnType<JSON['parse']>;

const recording = '2-kubectl/client-node-calls';
const pod = 'web-65cb78ff76-6s6b8';
const needsKubelet = new Set(['core.readNamespacedPodLog', 'new Exec(kc).exec: exit 7', 'new Log(kc).log follow']);

// What the JavaScript client sent for each of its calls, sent again to the lab's API server.

describe('the API server answers the JavaScript client as the recorded one', () => {
  let server: LocalApiServer;
  before(async function () {
    this.timeout(60_000);
    server = await startLocalApiServer();
    const container = { name: 'app', image: 'registry.example/app:1' };
    const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [container] } };
    const made: [string, object][] = [
      ['/api/v1/namespaces', { metadata: { name: 'demo' } }],
      ['/api/v1/namespaces/demo/pods', { metadata: { name: pod, labels: { app: 'web' } }, spec: { containers: [container], nodeName: 'node-1' } }],
      ['/apis/apps/v1/namespaces/demo/deployments', { metadata: { name: 'web' }, spec: { replicas: 3, selector: { matchLabels: { app: 'web' } }, template } }],
    ];
    for (const [path, body] of made) equal((await send(server, server.adminToken, { method: 'POST', path, body })).status, 201, path);
  });
  after(async () => server?.close());

  const { calls } = JSON.parse(readFileSync(new URL(`../lab/kubernetes/recordings/${recording}.json`, import.meta.url), 'utf8')) as { calls: Json[] };
  for (const { call, requests, result } of calls.filter((one) => !needsKubelet.has(one.call))) {
    it(`to ${call}`, async () => {
      for (const { method, path, headers, body, status, responseContentType } of requests) {
        const { connection: _, upgrade: __, ...sent } = headers;
        const wanted = { method, path, headers: sent, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
        if (path.includes('watch=true')) {
          const revision = (await send(server, server.adminToken, { path: path.split('?')[0] })).body.metadata.resourceVersion;
          const watch = await openWatch(server, path.replace(/(?<=resourceVersion=)\d+/, revision), sent);
          watch.close();
          deepEqual([watch.status, watch.headers['content-type']], [status, responseContentType]);
          continue;
        }
        const answer = await send(server, server.adminToken, wanted);
        deepEqual([answer.status, answer.headers['content-type']], [status, responseContentType]);
        if (result?.body) deepEqual(answer.body, JSON.parse(result.body));
        const { kind, status: outcome, deletionGracePeriodSeconds, renewTime } = result ?? {};
        if (kind) equal(answer.body.kind, kind);
        if (outcome) equal(answer.body.status, outcome);
        if (deletionGracePeriodSeconds) equal(answer.body.metadata.deletionGracePeriodSeconds, deletionGracePeriodSeconds);
        if (renewTime) equal(answer.body.spec.renewTime, renewTime);
      }
    });
  }
});
