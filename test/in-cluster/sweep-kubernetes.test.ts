import assert from 'node:assert/strict';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accountOf, expectAccount } from '../e2e/account.ts';
import { clusterOf, expectCluster } from '../e2e/cluster-state.ts';
import { expectExit, RunsFolder, startFiredrill } from '../e2e/firedrill.ts';
import { sharedKubernetesLab } from '../e2e/shared-lab.ts';

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
    const run = startFiredrill(['run', path, '--lab', lab, '--out', out, '--no-watchdog']);
    await run.says(new RegExp(`fault ${last}: injected`));
    run.child.kill('SIGKILL');
    await run.ended;
    await expectExit(0, 'locks', '--lab', lab, '--break', readdirSync(out)[0]!);
    rmSync(out, { recursive: true });
  };

  it('puts back nodes, counts, policies and processes that two dead runs have left', async () => {
    const before = await clusterOf(lab);
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
    await expectCluster(lab, before);
    assert.match((await sweep()).stdout, /^nothing in environment \S+ carries firedrill's marks\n$/);
    await expectCluster(lab, before);
    await expectAccount(lab, account);
  });
});
