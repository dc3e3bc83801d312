import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { accountOf, expectAccount } from './account.ts';
import { expectExit, RunsFolder, startFiredrill } from './firedrill.ts';
import { sharedKubernetesLab } from './shared-lab.ts';

interface Item {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Record<string, string>; readonly annotations?: Record<string, string> };
  readonly spec: { readonly unschedulable?: boolean };
  readonly status?: { readonly containerStatuses?: readonly { readonly ready: boolean }[] };
}

const settlesWithinMs = 60_000;
const web = 'select: { namespace: shop, owner: deployment/web';

describe('recover --sweep of a cluster, in the lab', () => {
  let lab: string;
  let runs: RunsFolder;
  beforeEach(async function () {
    this.timeout('5m');
    lab = await sharedKubernetesLab();
    runs = new RunsFolder();
  });
  afterEach(() => runs.remove());

  const items = async (...args: string[]): Promise<Item[]> =>
    (JSON.parse((await expectExit(0, 'lab', 'exec', '--lab', lab, '--', 'kubectl', 'get', ...args, '-o', 'json')).stdout) as { items: Item[] }).items;
  /** What must be as it was: counts, marks, policies, cordons, and that pods are ready; not which pods there are. */
  const cluster = async (): Promise<unknown> => {
    const [objects, pods, nodes] = await Promise.all([items('-n', 'shop', 'deployments,networkpolicies'), items('-n', 'shop', 'pods'), items('nodes')]);
    return {
      objects: objects.map(({ kind, metadata: { name, labels, annotations }, spec }) => ({ kind, name, labels, annotations, spec })),
      pods: pods.map(({ metadata: { labels, annotations }, status }) => JSON.stringify({ labels, annotations, ready: status?.containerStatuses?.map(({ ready }) => ready) })).sort(),
      nodes: nodes.map(({ metadata: { name, annotations }, spec: { unschedulable } }) => ({ name, unschedulable, marks: Object.keys(annotations ?? {}).filter((key) => key.startsWith('firedrill.dev/')) })),
    };
  };
  const expectCluster = async (before: unknown): Promise<void> => {
    const deadline = Date.now() + settlesWithinMs;
    for (;;) {
      const now = await cluster();
      try {
        assert.deepEqual(now, before);
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
      }
      await wait(1_000);
    }
  };
  /** A run that is killed when its last fault is injected, and whose folder is gone. */
  const lost = async (name: string, faults: readonly string[], last: string): Promise<void> => {
    const path = join(runs.drills(), `${name}.yaml`);
    writeFileSync(path, `name: ${name}
title: Something small
why: It is quick.
probes:
  served: { kind: endpoints, every: 250ms, timeout: 2s, atLeast: 2, select: { namespace: shop, names: [web] } }
baseline: { for: 1s }
faults:
${faults.map((fault) => `  - { ${fault} }\n`).join('')}slos:
  - { name: some are served, probe: served, always: true }
limits: { zones: 0, instances: 0, etcdMembersDown: 9, nodes: 1, podsOfWorkload: all, pods: 9 }
recovery: { timeout: 60s, stableFor: 1s }
`);
    const out = join(runs.path, name);
    const run = startFiredrill(['run', path, '--lab', lab, '--out', out]);
    await run.says(new RegExp(`fault ${last}: injected`));
    run.child.kill('SIGKILL');
    await run.ended;
    rmSync(out, { recursive: true });
  };

  it('puts back nodes, counts, policies and processes that two dead runs have left', async () => {
    const before = await cluster();
    const account = await accountOf(lab);
    await lost('one', [`id: more, kind: deployment-scale, to: 7, ${web} }`, 'id: drain, kind: node-drain, within: 2s, after: more, select: { pick: 1 }'], 'drain');
    await lost('two', [`id: hang, kind: container-signal, ${web}, zone: eu-west-1a, pick: 1 }`, `id: cut, kind: network-deny, after: hang, ${web}, zone: eu-west-1b, pick: 1 }`], 'cut');
    const sweep = () => expectExit(0, 'recover', '--sweep', '--lab', lab, '--out', runs.path);
    const { stdout } = await sweep();
    assert.deepEqual(
      [...stdout.matchAll(/^undone: fault \w+ \((\S+)\) of run \S+?-(\w+)-[0-9a-f]{4}: /gm)].map(([, kind, run]) => `${run} ${kind}`),
      ['two network-deny', 'two container-signal', 'one node-drain', 'one deployment-scale'],
    );
    assert.match(stdout, /^put back 4 faults of 2 runs; nothing /m);
    await expectCluster(before);
    assert.match((await sweep()).stdout, /^nothing in environment \S+ carries firedrill's marks\n$/);
    await expectCluster(before);
    await expectAccount(lab, account);
  });
});
