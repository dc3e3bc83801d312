import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clusterUnderTest } from '../e2e/cluster-under-test.ts';
import { insideLab } from '../e2e/inside-lab.ts';

/** The kinds that no drill of the catalogue uses, each on a real cluster, with what they leave behind: nothing. */
describe('faults of Kubernetes, in the lab', () => {
  const cluster = clusterUnderTest();
  const kubectl = (...args: string[]): Promise<string> => cluster.kubectl('-n', 'shop', ...args);
  /** What a run must leave as it was: counts, templates, labels and annotations, policies; not which pods there are. */
  const shop = async (): Promise<unknown> => {
    const { items } = JSON.parse(await kubectl('get', 'deployments,daemonsets,networkpolicies,poddisruptionbudgets', '-o', 'json')) as { items: { kind: string; metadata: Record<string, unknown>; spec: unknown }[] };
    const pods = JSON.parse(await kubectl('get', 'pods', '-o', 'json')) as { items: { metadata: { labels: object; annotations?: object } }[] };
    return {
      objects: items.map(({ kind, metadata: { name, labels, annotations }, spec }) => ({ kind, name, labels, annotations, spec })),
      pods: pods.items.map(({ metadata: { labels, annotations } }) => JSON.stringify({ labels, annotations })).sort(),
    };
  };
  const run = (fault: string) =>
    cluster.start(
      cluster.write({
        faults: [fault],
        probes: [
          'pods: { kind: pods-ready, every: 250ms, timeout: 2s, select: { namespace: shop, owner: deployment/web } }',
          'served: { kind: endpoints, every: 250ms, timeout: 2s, atLeast: 4, select: { namespace: shop, names: [web] } }',
          'rolled: { kind: workload-available, every: 250ms, timeout: 2s, select: { namespace: shop, owner: deployment/web } }',
        ],
        slos: ['name: every pod is ready, probe: pods, recoversWithin: 50s', 'name: enough are served, probe: served, always: true', 'name: all is of the newest version, probe: rolled, recoversWithin: 50s'],
      }),
    );
  const held = async (running: ReturnType<typeof run>): Promise<void> => {
    const { code, stdout, stderr } = await running.ended;
    assert.equal(code, 0, `${stdout}\n${stderr}`);
  };
  /** Whom a run that goes on is about to hit, by its journal. */
  const targets = (): string[] => {
    const lines = readFileSync(join(cluster.runs.newest(), 'journal.ndjson'), 'utf8').split('\n').filter((line) => line.includes('"fault.intent"'));
    return lines.flatMap((line) => (JSON.parse(line) as { targets: { name: string }[] }).targets.map(({ name }) => name));
  };
  const said = (): string => cluster.runs.report().faults.map(({ undone }) => undone?.said ?? '').join('; ');
  const web = 'select: { namespace: shop, owner: deployment/web';

  it('container-signal stops a process, and lets it go on', async () => {
    const before = await shop();
    const running = run(`id: stop, kind: container-signal, at: 0s, for: 5s, ${web}, pick: 1 }`);
    await running.says(/fault stop: injected/);
    await running.says(/pod not ready/);
    await held(running);
    assert.match(said(), /CONT|goes on|go on/);
    assert.deepEqual(await shop(), before);
  });

  it('network-deny cuts a pod off, real packets, and lets it in again', async () => {
    const before = await shop();
    const running = run(`id: cut, kind: network-deny, at: 0s, for: 15s, ${web}, pick: 1 }`);
    await running.says(/fault cut: injected/);
    const [pod] = targets();
    const address = await kubectl('get', 'pod', pod!, '-o', 'jsonpath={.status.podIP}');
    const answers = async (): Promise<boolean> => {
      const code = `require('node:http').get({ host: '${address}', port: 8080, timeout: 1500 }, () => process.exit(0)).on('timeout', () => process.exit(3)).on('error', () => process.exit(3))`;
      const { code: exit } = await insideLab(cluster.lab, process.execPath, '-e', code);
      return exit === 0;
    };
    assert.equal(await answers(), false, 'cut off');
    await held(running);
    assert.equal(await answers(), true, 'let in again');
    assert.match(said(), /deleted network policy firedrill-/);
    assert.deepEqual(await shop(), before);
  });

  it('daemon-kill, rolling, takes the next daemon when the one before is back', async () => {
    const { stdout } = await cluster.run(
      0,
      cluster.write({
        faults: ['id: roll, kind: daemon-kill, at: 0s, rolling: true, select: { namespace: shop, owner: daemonset/agent, zone: eu-west-1a }'],
        probes: ['agents: { kind: pods-ready, every: 250ms, timeout: 2s, select: { namespace: shop, owner: daemonset/agent } }'],
        slos: ['name: every daemon is ready, probe: agents, recoversWithin: 50s'],
      }),
    );
    const { faults, waterfall } = cluster.runs.report();
    assert.equal(faults.length, 2, stdout);
    assert.ok(waterfall.every(({ whole }) => whole !== null), stdout);
    const backMs = waterfall[0]!.steps.find(({ step }) => step === 'ready')!.at!.max;
    assert.ok(faults[1]!.intentMs >= backMs, `the second was taken at ${faults[1]!.intentMs} ms, the first was ready at ${backMs} ms`);
  });

  it('rollout-restart replaces every pod, within the budget', async () => {
    // One that is about to end has been replaced.
    const names = async (): Promise<string[]> =>
      (await kubectl('get', 'pods', '-l', 'app=web', '-o', 'go-template={{range .items}}{{if not .metadata.deletionTimestamp}}{{.metadata.name}} {{end}}{{end}}')).trim().split(' ');
    const before = await names();
    await held(run(`id: restart, kind: rollout-restart, at: 0s, ${web} }`));
    const after = await names();
    assert.deepEqual(after.filter((name) => before.includes(name)), []);
  });

  it('pod-evict honours the disruption budget: what it forbids is an answer, and not an error', async () => {
    const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'strict', namespace: 'shop' }, spec: { minAvailable: 6, selector: { matchLabels: { app: 'web' } } } };
    await kubectl('delete', 'poddisruptionbudgets', '--all');
    await cluster.apply(budget);
    await held(run(`id: evict, kind: pod-evict, at: 0s, within: 3s, ${web}, pick: 1 }`));
    const { notes } = cluster.runs.report();
    assert.match(notes.map(({ text }) => text).join('\n'), /was not evicted: refused \d+ times, as its disruption budget asks/);
  });
});
