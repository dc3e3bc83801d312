import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { labEnvironmentFile } from '../../lab/index.ts';
import { clusterOf, expectCluster } from '../e2e/cluster-state.ts';
import { clusterUnderTest } from '../e2e/cluster-under-test.ts';
import { expectExit } from '../e2e/firedrill.ts';
import { writeQuickDrill } from '../e2e/small-drill.ts';

const namespace = 'gamedays';
const scale = 'id: f, kind: deployment-scale, for: 3s, to: 2, select: { namespace: shop, owner: deployment/web }';
const probe = 'kind: nodes-ready, every: 500ms, timeout: 10s';

describe('a schedule that was written for Kubernetes, in the lab', () => {
  const cluster = clusterUnderTest();
  const own = (...args: string[]): Promise<string> => cluster.kubectl('-n', namespace, ...args);

  it('is taken by kubectl, and a Job of its CronJob runs the drill that is due, from a pod, and puts everything back', async function () {
    this.timeout('6m');
    const before = await clusterOf(cluster.lab);
    const drill = writeQuickDrill(cluster.runs, scale, probe);
    const folder = cluster.runs.drills();
    const gameday = join(folder, 'gameday.yaml');
    // Every minute has a slot: whenever the Job comes, one is due.
    writeFileSync(gameday, `name: weekly\ntitle: From a pod\ntimeZone: Europe/London\nschedule: [ { name: often, cron: '* * * * *', late: 5m, drills: [ { drill: ./${drill.slice(folder.length + 1)} } ] } ]\n`);
    const manifests = join(folder, 'manifests');
    await expectExit(0, 'gameday', 'schedule', gameday, '--emit', 'kubernetes', '--to', manifests, '--namespace', namespace, '--image', 'firedrill/firedrill', '--env', await labEnvironmentFile(cluster.lab));

    const applied = await cluster.kubectl('apply', '-k', manifests);
    for (const what of ['namespace/gamedays', 'serviceaccount/firedrill', 'configmap/firedrill-weekly', 'persistentvolumeclaim/firedrill-weekly', 'cronjob.batch/firedrill-weekly-often']) assert.match(applied, new RegExp(`^${what} created$`, 'm'));
    assert.match(applied, /^clusterrolebinding\S*firedrill-weekly created$/m);
    assert.match(await cluster.kubectl('apply', '-k', manifests), /cronjob.batch\/firedrill-weekly-often (unchanged|configured)/);

    // As JSON: what "create" posts is protobuf, of which the lab reads only a part.
    const job = JSON.parse(await own('create', 'job', 'by-hand', '--from=cronjob/firedrill-weekly-often', '--dry-run=client', '-o', 'json')) as object;
    await cluster.apply({ ...job, metadata: { name: 'by-hand', namespace } });
    try {
      await own('wait', '--for=condition=complete', '--timeout=240s', 'job/by-hand');
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${await own('describe', 'pods')}\n${await own('logs', 'job/by-hand')}`, { cause: error });
    }
    const log = await own('logs', 'job/by-hand');
    assert.match(log, /slot often@\d{4}-\d\d-\d\dT\d\d:\d\d\[Europe\/London\]/);
    assert.match(log, /drill \S+ of slot \S+ has ended with exit code 0; \/var\/lib\/firedrill\/runs\//);
    assert.match(log, /ended: often@\S+: exit code 0/);
    await cluster.kubectl('delete', '-k', manifests, '--ignore-not-found');
    await expectCluster(cluster.lab, before);
  });
});
