import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parse, parseAllDocuments } from 'yaml';
import { cronFields } from '../../../cli/emit/cron-fields.ts';
import { environmentInCluster } from '../../../cli/emit/environment.ts';
import { emitGithub } from '../../../cli/emit/github.ts';
import { emitKubernetes } from '../../../cli/emit/kubernetes.ts';
import type { KubernetesInput } from '../../../cli/emit/in-cluster.ts';
import type { EmittedFile } from '../../../cli/emit/schedule.ts';
import { emitSystemd, onCalendar } from '../../../cli/emit/systemd.ts';
import { utcCrons } from '../../../cli/emit/utc-cron.ts';
import { environmentSchema } from '../../../runner/environment.ts';
import { slotsAfter, type Recurring } from '../../../runner/schedule/slots.ts';
import { cronProblem } from '../../../scenarios/cron.ts';

const every = (name: string, cron: string, timeZone = 'Europe/London'): Recurring => ({ name, cron, timeZone, jitterMs: 600_000, lateMs: 900_000 });
const roles = [{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'firedrill' }, rules: [] }, { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'firedrill', namespace: 'shop' }, rules: [] }];
const input: KubernetesInput = {
  name: 'weekly',
  title: 'Every week: "zones" & more',
  recurring: [every('leader', '30 10 * * tue'), every('zone', '0 14 1 * *'), every('proxy', '30 10 * * tue')],
  files: [{ path: 'gameday.yaml', text: 'name: weekly\n' }, { path: 'drills/own.yaml', text: 'name: own\n# it\'s "mine"\n' }],
  gamedayFile: 'gameday.yaml',
  environment: 'name: staging\n',
  version: '1.2.3',
  namespace: 'ops',
  image: 'registry.example.com/firedrill:1.2.3',
  roles,
  zonesHit: ['eu-west-1b'],
};
const textOf = (files: readonly EmittedFile[], path: string): string => files.find((file) => file.path === path)!.text;

// oxlint-disable-next-line typescript/no-explicit-any
type Any = any;

describe('a schedule for Kubernetes', () => {
  const files = emitKubernetes(input);
  const { resources } = parse(textOf(files, 'kustomization.yaml')) as { resources: string[] };
  const objects = resources.flatMap((path) => parseAllDocuments(textOf(files, path)).map((document): Any => document.toJSON()));
  const of = (kind: string): Any[] => objects.filter((object) => object.kind === kind);

  it('is a folder of which Kustomize takes every file', () => {
    assert.deepEqual(files.map(({ path }) => path).filter((path) => path !== 'kustomization.yaml'), resources);
    assert.deepEqual([...new Set(objects.map(({ kind }) => kind))], ['Namespace', 'ServiceAccount', 'ClusterRole', 'Role', 'ClusterRoleBinding', 'RoleBinding', 'ConfigMap', 'PersistentVolumeClaim', 'CronJob']);
  });

  it('has a CronJob for each expression and zone, which never runs two at a time', () => {
    assert.deepEqual(of('CronJob').map(({ metadata, spec }) => [metadata.name, spec.schedule, spec.timeZone, spec.concurrencyPolicy, spec.startingDeadlineSeconds]), [
      ['firedrill-weekly-leader', '30 10 * * tue', 'Europe/London', 'Forbid', 1500],
      ['firedrill-weekly-zone', '0 14 1 * *', 'Europe/London', 'Forbid', 1500],
    ]);
    assert.equal(of('CronJob')[0].spec.jobTemplate.spec.backoffLimit, 0);
  });

  const [cronJob] = of('CronJob');
  const pod = cronJob.spec.jobTemplate.spec.template.spec;
  const [container] = pod.containers;

  it('runs what is due and ends, by an ordinary user on a disk that is not to be changed, with time to undo', () => {
    assert.deepEqual(container.args, ['gameday', 'schedule', '/etc/firedrill/gameday.yaml', '--once', '--env', '/etc/firedrill/environment.yaml', '--state', '/var/lib/firedrill/state', '--out', '/var/lib/firedrill/runs']);
    assert.equal(container.image, input.image);
    assert.deepEqual(pod.securityContext.runAsNonRoot, true);
    assert.deepEqual(container.securityContext, { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
    assert.equal(pod.restartPolicy, 'Never');
    assert.ok(pod.terminationGracePeriodSeconds >= 600);
  });

  it('tells the harness where it stands, and stands where no drill strikes', () => {
    assert.deepEqual(container.env.map((one: Any) => [one.name, one.valueFrom.fieldRef.fieldPath]), [
      ['POD_NAME', 'metadata.name'],
      ['POD_NAMESPACE', 'metadata.namespace'],
      ['NODE_NAME', 'spec.nodeName'],
      ['NODE_ZONE', "metadata.labels['topology.kubernetes.io/zone']"],
    ]);
    assert.deepEqual(pod.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms, [{ matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'NotIn', values: ['eu-west-1b'] }] }]);
    const anywhere: Any = parseAllDocuments(textOf(emitKubernetes({ ...input, zonesHit: [] }), 'cron-jobs.yaml'))[0]!.toJSON();
    assert.equal(anywhere.spec.jobTemplate.spec.template.spec.affinity, undefined);
  });

  it('brings the game day, its drills and the environment by their own paths, and keeps runs on a volume', () => {
    const { data, metadata } = of('ConfigMap')[0];
    const volume = pod.volumes.find((one: Any) => one.name === 'config');
    assert.equal(volume.configMap.name, metadata.name);
    const seen = Object.fromEntries(volume.configMap.items.map(({ key, path }: Any) => [path, data[key]]));
    assert.deepEqual(seen, { 'gameday.yaml': input.files[0]!.text, 'drills/own.yaml': input.files[1]!.text, 'environment.yaml': input.environment });
    assert.ok(Object.keys(data).every((key) => /^[-._a-zA-Z0-9]+$/.test(key)));
    assert.equal(pod.volumes.find((one: Any) => one.name === 'data').persistentVolumeClaim.claimName, of('PersistentVolumeClaim')[0].metadata.name);
    const mounted = container.volumeMounts.map(({ name }: Any) => name);
    assert.deepEqual(pod.volumes.map(({ name }: Any) => name).sort(), mounted.sort());
  });

  it('binds what the drills need, and its own lock and watchdog, to one account, and nothing else', () => {
    const bound = [...of('ClusterRole'), ...of('Role')].map(({ metadata }) => `${metadata.namespace ?? '*'} ${metadata.name}`);
    assert.deepEqual(bound, ['* firedrill-weekly', '* firedrill-weekly-own', 'shop firedrill-weekly', 'ops firedrill-weekly-own']);
    const bindings = [...of('ClusterRoleBinding'), ...of('RoleBinding')];
    assert.deepEqual(bindings.map(({ metadata, roleRef }) => `${metadata.namespace ?? '*'} ${roleRef.name}`), bound);
    for (const { subjects } of bindings) assert.deepEqual(subjects, [{ kind: 'ServiceAccount', name: of('ServiceAccount')[0].metadata.name, namespace: 'ops' }]);
    assert.equal(pod.serviceAccountName, of('ServiceAccount')[0].metadata.name);
  });
});

describe('an environment file in the cluster', () => {
  const where = { namespace: 'ops', image: 'firedrill:1', account: 'firedrill' };
  const text = "name: staging # ours\nkubernetes: { kubeconfig: a.kubeconfig, context: staging, clusterUid: u }\nenter: { pid: 1, startTime: 2 }\n";

  it('uses the service account, a lock that others see, and a watchdog that does not go with the pod', () => {
    const made = environmentInCluster(text, where);
    const { kubernetes, lock, watchdog, enter } = environmentSchema.parse(parse(made));
    assert.deepEqual(kubernetes, { kubeconfig: 'in-cluster', context: 'in-cluster', clusterUid: 'u' });
    assert.deepEqual(lock, { lease: { namespace: 'ops', name: 'firedrill' } });
    assert.deepEqual(watchdog, { job: { namespace: 'ops', image: 'firedrill:1', serviceAccount: 'firedrill' } });
    assert.equal(enter, undefined);
    assert.match(made, /# ours/);
  });

  it('keeps a lock and a watchdog of its own, and says nothing of a cluster that it does not name', () => {
    const own = environmentInCluster(`${text}lock: { lease: { namespace: locks } }\nwatchdog: { job: { namespace: a, image: b, serviceAccount: c } }\n`, where);
    assert.deepEqual(parse(own).lock, { lease: { namespace: 'locks' } });
    assert.equal(parse(own).watchdog.job.image, 'b');
    assert.equal(environmentInCluster('name: x\n', where), 'name: x\n');
  });
});

describe('a schedule for systemd', () => {
  const files = emitSystemd(input);
  const unit = (path: string): Map<string, string[]> => readUnit(textOf(files, path));

  it('is a service that runs what is due and ends, and may take as long as undoing takes', () => {
    const service = unit('firedrill-weekly.service');
    assert.deepEqual(service.get('Service.Type'), ['oneshot']);
    assert.match(service.get('Service.ExecStart')![0]!, /gameday schedule \/etc\/firedrill\/weekly\/gameday\.yaml --once --env \/etc\/firedrill\/weekly\/environment\.yaml --state \/var\/lib\/firedrill-weekly\/state /);
    assert.deepEqual(service.get('Service.KillMode'), ['process']);
    assert.deepEqual(service.get('Service.TimeoutStartSec'), ['infinity']);
    assert.deepEqual(service.get('Service.User'), ['firedrill']);
  });

  it('has a timer for each expression and zone, which makes up for nothing by itself', () => {
    const timers = files.filter(({ path }) => path.endsWith('.timer'));
    assert.deepEqual(timers.map(({ path }) => path), ['firedrill-weekly-leader.timer', 'firedrill-weekly-zone.timer']);
    const timer = unit('firedrill-weekly-leader.timer');
    assert.deepEqual(timer.get('Timer.OnCalendar'), ['Tue *-*-* 10:30:00 Europe/London']);
    assert.deepEqual([timer.get('Timer.Persistent'), timer.get('Timer.AccuracySec'), timer.get('Timer.Unit')], [['false'], ['1s'], ['firedrill-weekly.service']]);
    assert.match(textOf(files, 'firedrill-weekly-leader.timer'), /^# What was due while this machine was off is not made up for/m);
  });

  it('brings all files and says where they go', () => {
    assert.equal(textOf(files, 'config/drills/own.yaml'), input.files[1]!.text);
    assert.match(textOf(files, 'install.sh'), /systemctl enable --now firedrill-weekly-leader\.timer firedrill-weekly-zone\.timer$/m);
  });

  const calendars: [string, string[]][] = [
    ['30 10 * * tue', ['Tue *-*-* 10:30:00 UTC']],
    ['*/20 9-10 * * *', ['*-*-* 09,10:00,20,40:00 UTC']],
    ['0 * * * *', ['*-*-* *:00:00 UTC']],
    ['0 0 1 1,7 *', ['*-01,07-01 00:00:00 UTC']],
    ['0 10 13 * fri', ['*-*-13 10:00:00 UTC', 'Fri *-*-* 10:00:00 UTC']],
    ['0 10 * * 0', ['Sun *-*-* 10:00:00 UTC']],
    ['0 10 * * 7', ['Sun *-*-* 10:00:00 UTC']],
    ['0 10 * * 1-5', ['Mon,Tue,Wed,Thu,Fri *-*-* 10:00:00 UTC']],
  ];
  for (const [cron, are] of calendars) {
    it(`says "${cron}" as ${are.join(' and ')}`, () => assert.deepEqual(onCalendar(cronFields(cron), 'UTC'), are));
  }
});

describe('a schedule for GitHub', () => {
  const fromMs = Date.parse('2026-11-27T00:00:00Z');
  const github = { ...input, fromMs, folder: 'drills', environmentFile: '../environments/staging.yaml' };
  const [file] = emitGithub(github);

  it('is a workflow in UTC, with a line for each offset of a zone that changes its clocks', () => {
    const workflow: Any = parse(file!.text);
    assert.equal(file!.path, '.github/workflows/firedrill-weekly.yaml');
    assert.deepEqual(workflow.on.schedule, [{ cron: '30 10 * * tue' }, { cron: '30 9 * * tue' }, { cron: '0 14 1 * *' }, { cron: '0 13 1 * *' }]);
    assert.match(file!.text, /GitHub's cron is UTC only/);
    assert.match(file!.text, /# leader, proxy: "30 10 \* \* tue" in Europe\/London while it is UTC\+01:00\n {4}- cron: '30 9 \* \* tue'/);
    assert.deepEqual([workflow.concurrency['cancel-in-progress'], workflow.permissions], [false, { contents: 'read' }]);
  });

  it('runs what is due, with the records of which slots were run', () => {
    const { steps } = parse(file!.text).jobs.schedule;
    assert.ok(steps.some(({ run = '' }) => run === 'exec firedrill gameday schedule drills/gameday.yaml --once --env environments/staging.yaml --state .firedrill/state --out .firedrill/runs'));
    const [restore, save] = ['restore', 'save'].map((what) => steps.find(({ uses = '' }) => uses === `actions/cache/${what}@v4`));
    assert.equal(restore.with.path, save.with.path);
    assert.ok(save.with.key.startsWith(restore.with['restore-keys']));
    assert.equal(save.if, 'always()');
  });

  it('has one line where clocks are never changed', () => {
    assert.deepEqual(utcCrons('30 2 * * mon', 'Asia/Kolkata', fromMs), [{ offsetMinutes: 330, crons: ['0 21 * * 0'] }]);
    assert.deepEqual(utcCrons('0 10 * * *', 'UTC', fromMs), [{ offsetMinutes: 0, crons: ['0 10 * * *'] }]);
  });

  it('refuses a day of the month that is another one in UTC', () => {
    assert.throws(() => utcCrons('30 2 1 * *', 'Asia/Kolkata', fromMs), /"30 2 1 \* \*" in Asia\/Kolkata is on another day in UTC/);
  });

  it('starts at every slot of the zone, whatever the expression and the time of the year', () => {
    const minute = fc.constantFrom('0', '30', '*/20', '7,37');
    const hour = fc.constantFrom('0', '2', '23', '0-5', '*/6', '*');
    const weekday = fc.constantFrom('*', 'mon', '1-5', 'sun');
    const zone = fc.constantFrom('Europe/London', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Auckland');
    const after = fc.integer({ min: 0, max: 365 * 24 });
    fc.assert(
      fc.property(minute, hour, weekday, zone, after, (minutes, hours, weekdays, timeZone, afterHours) => {
        const cron = `${minutes} ${hours} * * ${weekdays}`;
        const utc = utcCrons(cron, timeZone, fromMs).flatMap(({ crons }) => crons);
        for (const one of utc) assert.equal(cronProblem(one), undefined);
        const slots = slotsAfter(every('x', cron, timeZone), fromMs + afterHours * 3_600_000);
        for (let count = 0; count < 5; count += 1) {
          const slot = slots.next().value!;
          // One that the clocks skip is due when nothing says so: the next start reports it, or runs it in time.
          if (slot.asked !== undefined) continue;
          const starts = utc.map((one) => slotsAfter({ ...every('x', one, 'UTC') }, slot.atMs - 1).next().value!.atMs);
          assert.ok(starts.includes(slot.atMs), `${cron} in ${timeZone}: ${new Date(slot.atMs).toISOString()} of ${utc.join(' | ')}`);
        }
      }),
      { numRuns: 80 },
    );
  });
});

/** A unit of systemd: what stands behind each `Section.Key`. */
function readUnit(text: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  let section = '';
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const header = /^\[(\w+)\]$/.exec(line);
    if (header) section = header[1]!;
    else {
      const [, key, value] = /^(\w+)=(.*)$/.exec(line) ?? assert.fail(`no line of a unit: ${line}`);
      values.set(`${section}.${key}`, [...(values.get(`${section}.${key}`) ?? []), value!]);
    }
  }
  return values;
}
