import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { labEnvironmentFile } from '../../lab/index.ts';
import { clusterOf, expectCluster } from '../e2e/cluster-state.ts';
import { clusterUnderTest } from '../e2e/cluster-under-test.ts';
import { expectExit, root, startFiredrill, type Running } from '../e2e/firedrill.ts';
import { writeQuickDrill } from '../e2e/small-drill.ts';

const namespace = 'ops';
const scale = 'id: f, kind: deployment-scale, for: 5m, to: 2, select: { namespace: shop, owner: deployment/web }';

describe('the watchdog as a Job in the cluster, in the lab', () => {
  const cluster = clusterUnderTest();
  let before: unknown;
  let env: string;
  beforeEach(async function () {
    this.timeout('3m');
    before = await clusterOf(cluster.lab);
    env = await environmentWithJob();
    const file = join(root, 'deploy/watchdog.yaml');
    const objects = parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJSON() as { metadata: object });
    await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    await cluster.apply(...objects.map((object) => ({ ...object, metadata: { ...object.metadata, namespace } })));
    // What the undo needs.
    const { stdout } = await expectExit(0, 'permissions', writeQuickDrill(cluster.runs, scale, probe), '--only', 'kubernetes', '--json');
    const roles = (JSON.parse(stdout) as { items: { kind: string; metadata: { name: string; namespace?: string } }[] }).items;
    const subjects = [{ kind: 'ServiceAccount', name: 'firedrill-watchdog', namespace }];
    const bindings = roles.map(({ kind, metadata }) => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: `${kind}Binding`,
      metadata,
      subjects,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: metadata.name },
    }));
    await cluster.apply(...roles, ...bindings);
  });

  const probe = 'kind: nodes-ready, every: 500ms, timeout: 10s';
  async function environmentWithJob(): Promise<string> {
    const environment = parse(readFileSync(await labEnvironmentFile(cluster.lab), 'utf8')) as object;
    const file = join(cluster.runs.drills(), 'environment.yaml');
    const job = { namespace, image: 'firedrill/firedrill', serviceAccount: 'firedrill-watchdog' };
    writeFileSync(file, stringify({ ...environment, lock: { lease: { namespace } }, watchdog: { job } }));
    return file;
  }
  const start = async (): Promise<Running> => {
    const run = startFiredrill(['run', writeQuickDrill(cluster.runs, scale, probe), '--env', env, '--out', cluster.runs.path]);
    await run.says(/fault f: injected/);
    return run;
  };
  const own = (): Promise<string> => cluster.kubectl('-n', namespace, 'get', 'jobs,secrets,leases', '-o', 'name');

  it('puts everything back when the harness is killed', async () => {
    const run = await start();
    assert.match(await own(), /job\S*firedrill-watchdog-[^]*secret\/firedrill-watchdog-/);
    const killedMs = Date.now();
    run.child.kill('SIGKILL');
    await run.ended;
    while ((await cluster.kubectl('-n', 'shop', 'get', 'deployment', 'web', '-o', 'jsonpath={.spec.replicas}')) === '2') await wait(100);
    process.stdout.write(`      the deployment has its replicas again ${((Date.now() - killedMs) / 1e3).toFixed(1)} s after the harness was killed (promised: 10 s)\n`);
    await cluster.kubectl('-n', namespace, 'wait', '--for=condition=complete', '--timeout=60s', 'job', '--all');
    const log = await cluster.kubectl('-n', namespace, 'logs', '-l', 'app.kubernetes.io/component=watchdog');
    assert.match(log, /the harness of run \S+ is gone; putting back f/);
    assert.match(log, /undone: fault f: /);
    await cluster.kubectl('-n', namespace, 'delete', 'jobs', '--all');
    await expectCluster(cluster.lab, before);
  });

  it('goes with a run that ends by itself, and is heard of no more', async () => {
    const run = await start();
    run.child.kill('SIGINT');
    assert.equal((await run.ended).code, 130);
    await expectCluster(cluster.lab, before);
    assert.doesNotMatch(await own(), /firedrill/);
  });

  it('that does not come up keeps everything from being broken', async () => {
    const environment = parse(readFileSync(env, 'utf8')) as { watchdog: { job: object } };
    writeFileSync(env, stringify({ ...environment, watchdog: { job: { ...environment.watchdog.job, image: 'nobody/knows-this' } } }));
    const { stderr } = await expectExit(4, 'run', writeQuickDrill(cluster.runs, scale, probe), '--env', env, '--out', cluster.runs.path);
    assert.match(stderr, /the watchdog has not come up within 90 s; nothing was broken; look at: kubectl -n ops describe pods -l job-name=firedrill-watchdog-/);
    await expectCluster(cluster.lab, before);
    assert.doesNotMatch(await own(), /firedrill/);
  });
});
