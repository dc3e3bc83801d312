import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { labSabotage, labStatus } from '../../lab/index.ts';
import type { JudgedChange } from '../../runner/verdict.ts';
import { expectExit, RunsFolder } from '../e2e/firedrill.ts';
import { sharedKubernetesLab } from '../e2e/shared-lab.ts';
import { expectInside } from '../e2e/inside-lab.ts';

/** Disk taken and put back, and a pod killed: calls on EC2 and on Kubernetes, and an undo. */
const drill = `name: audited
title: Something small, by both APIs
why: Auditors ask.
probes:
  writes: { kind: etcd-write, every: 100ms, timeout: 2s, hedge: 200ms }
  audit: { kind: audit-trail, every: 1s, timeout: 10s, patience: 15s }
baseline: { for: 1s }
faults:
  - { id: cut, kind: instance-isolate, at: 0s, for: 2s, select: { names: [peer-9] } }
  - { id: pod, kind: pod-kill, at: 0s, select: { namespace: shop, labels: { app: web }, pick: 1 } }
slos:
  - { name: writes are back within 20 s, probe: writes, longestOutage: 20s }
  - { name: every call is in the audit logs, probe: audit, recoversWithin: 30s }
limits: { zones: 1, instances: 1, etcdMembersDown: 1, pods: 1, podsOfWorkload: 50% }
recovery: { timeout: 40s, stableFor: 1s }
`;

describe('what a drill did, in the audit logs of the lab', () => {
  let lab: string;
  let runs: RunsFolder;
  let path: string;
  beforeEach(async () => {
    lab = await sharedKubernetesLab();
    runs = new RunsFolder();
    path = join(runs.drills(), 'audited.yaml');
    writeFileSync(path, drill);
  });
  afterEach(() => runs.remove());

  const run = (code: number) => expectExit(code, 'run', path, '--lab', lab, '--out', runs.path);
  const inside = async (...args: string[]): Promise<string> => (await expectInside(lab, ...args)).stdout;

  it('is found there by request id and by the run that its user agent names, and the drill is held', async () => {
    await run(0);
    const { changes, run: ran, slos } = runs.report();
    assert.equal(slos[1]!.verdict, 'held');
    const by = (fault: string, during: string): JudgedChange[] => changes!.filter((change) => change.fault === fault && change.during === during && change.outcome === 'done');
    const expected = [by('cut', 'inject'), by('cut', 'undo'), by('pod', 'inject')];
    assert.ok(expected.every((calls) => calls.length > 0 && calls.every(({ requestId }) => requestId !== null)), JSON.stringify(changes));

    const answer = JSON.parse(await inside('aws', 'cloudtrail', 'lookup-events', '--lookup-attributes', 'AttributeKey=ReadOnly,AttributeValue=false', '--output', 'json')) as {
      Events: { CloudTrailEvent: string }[];
    };
    const trail = answer.Events.map(({ CloudTrailEvent }) => JSON.parse(CloudTrailEvent) as { requestID: string; userAgent: string; errorCode?: string });
    const ours = trail
      // Asking for a right is no change.
      .filter(({ userAgent, errorCode = '' }) => userAgent.includes(`run/${ran.id}`) && !errorCode.includes('DryRunOperation'))
      .map(({ requestID }) => requestID);
    const ids = changes!.filter(({ service, requestId }) => service !== 'kubernetes' && requestId !== null).map(({ requestId }) => requestId!);
    assert.deepEqual(ours.toSorted(), ids.toSorted(), 'CloudTrail has what the journal has, and no more');

    const log = await inside('sh', '-c', `cat ${(await labStatus(lab)).kubernetes!.auditLog}/*.log`);
    const events = log.split('\n').filter(Boolean).map((line) => JSON.parse(line) as { auditID: string; userAgent: string; objectRef: { name: string } });
    const [killed] = by('pod', 'inject');
    const event = events.find(({ auditID }) => auditID === killed!.requestId);
    assert.equal(`shop/${event?.objectRef.name}`, killed!.target);
    assert.match(event!.userAgent, new RegExp(`^firedrill/\\S+ run/${ran.id}$`));
    assert.match(readFileSync(join(runs.newest(), 'report.md'), 'utf8'), new RegExp(`## Calls that changed something[^]*${killed!.requestId}`));
    assert.ok(readFileSync(join(dirname((await labStatus(lab)).kubernetes!.auditLog), 'cloudtrail.ndjson'), 'utf8').includes(ids[0]!));
  });

  it('is missed when the logs are lost, and the drill is broken for that', async () => {
    await labSabotage(lab, 'audit-lost', true);
    await run(1);
    const { slos, probes } = runs.report();
    assert.deepEqual(slos.map(({ verdict }) => verdict), ['held', 'broken']);
    assert.match(slos[1]!.reason, /not in (CloudTrail|the Kubernetes audit log) after 15s: .+ \(request [0-9a-f-]{36}\)/);
    const why = (stream: string) => probes.find(({ name }) => name === 'audit')!.streams.find(({ name }) => name === `audit/${stream}`)!.reasons.map((one) => one.why).join('\n');
    assert.match(why('cloudtrail'), /not in CloudTrail after 15s: ec2:\w+ of /);
    assert.match(why('kubernetes'), /not in the Kubernetes audit log after 15s: delete pods of shop\/web-/);
  });

  it('is waited for when CloudTrail is late', async () => {
    await labSabotage(lab, 'audit-late:8', true);
    await run(0);
    const { probes } = runs.report();
    const stream = probes.find(({ name }) => name === 'audit')!.streams.find(({ name }) => name === 'audit/cloudtrail')!;
    assert.ok(stream.reasons.some(({ why }) => why === 'not yet in CloudTrail'));
    assert.equal(stream.bad, 0);
  });
});
