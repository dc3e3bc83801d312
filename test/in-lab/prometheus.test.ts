import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { labEnvironmentFile } from '../../lab/index.ts';
import { startLocalPrometheus, type LocalPrometheus } from '../e2e/local-prometheus.ts';
import { expectExit, type RunsFolder } from '../e2e/firedrill.ts';
import { eachInLab } from '../e2e/lab-under-test.ts';

const members = Array.from({ length: 9 }, (_, index) => `peer-${index + 1}.etcd3.eu-west-1.i.lab.example.com:2379`);

describe('a real Prometheus in the lab, which scrapes its etcd', () => {
  let lab: string;
  let runs: RunsFolder;
  let prometheus: LocalPrometheus;
  eachInLab((test) => ({ lab, runs } = test));
  beforeEach(async () => {
    prometheus = await startLocalPrometheus(members, lab);
  });
  afterEach(() => prometheus.close());

  it('sees a leader die, the others go on, and another machine in its place, by what etcd itself counts', async () => {
    const environment = join(runs.drills(), 'environment.yaml');
    const own = parse(readFileSync(await labEnvironmentFile(lab), 'utf8')) as object;
    writeFileSync(environment, stringify({ ...own, prometheus: { url: prometheus.url } }));
    const drill = join(runs.drills(), 'by-metrics.yaml');
    writeFileSync(
      drill,
      `name: by-metrics
title: Kill the leader, seen by Prometheus
why: What people look at during an incident has to tell the same.
probes:
  led: { kind: prometheus, query: 'count(etcd_server_has_leader == 1)', is: '>= 5', every: 250ms, timeout: 2s }
  scraped: { kind: prometheus, query: 'sum(up{job="scraped"})', is: '== 9', every: 250ms, timeout: 2s }
baseline: { for: 2s }
faults:
  - { id: leader, kind: etcd-member-kill, at: 0s, select: { leader: true } }
slos:
  - { name: five and more have a leader again, probe: led, recoversWithin: 60s }
  - { name: all nine answer again, probe: scraped, recoversWithin: 3m }
limits: { zones: 0, instances: 1, etcdMembersDown: 1 }
recovery: { timeout: 4m, stableFor: 2s }
`,
    );
    await expectExit(0, 'run', drill, '--env', environment, '--out', runs.path);
    const { slos, probes } = runs.report();
    assert.ok(slos.every(({ verdict }) => verdict === 'held'));
    const [scraped] = probes.find(({ name }) => name === 'scraped')!.streams;
    assert.ok(scraped!.bad > 0 && scraped!.good > 0, 'the scrape of the dead member failed, and then that of its successor worked');
  });
});
