import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { labEnvironmentFile } from '../../lab/index.ts';
import { clusterUnderTest } from '../e2e/cluster-under-test.ts';
import { expectExit, root, startFiredrill } from '../e2e/firedrill.ts';

interface Role {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules: { readonly apiGroups: string[]; readonly resources: string[]; readonly verbs: string[] }[];
}

interface Kubeconfig {
  readonly users: { user: { token: string } }[];
}

const drills = ['pod-kill', 'pod-kill-half', 'daemon-kill-one-node', 'node-drain', 'node-loss', 'zone-power-loss-workers', 'control-plane-quorum-loss'];

describe('what a harness may do in a cluster, in the lab', () => {
  const cluster = clusterUnderTest();
  /** The roles that these drills need, given to a service account. */
  const grant = async (...names: string[]): Promise<Role[]> => {
    const { stdout } = await expectExit(0, 'permissions', ...names, '--only', 'kubernetes', '--json');
    const roles = (JSON.parse(stdout) as { items: Role[] }).items;
    const subjects = [{ kind: 'ServiceAccount', name: 'harness', namespace: 'default' }];
    const bindings = roles.map(({ kind, metadata }) => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: `${kind}Binding`,
      metadata,
      subjects,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: metadata.name },
    }));
    await cluster.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'harness', namespace: 'default' } }, ...roles, ...bindings);
    return roles;
  };
  /** An environment file that has the service account's token in place of the operator's. */
  const environmentOf = async (token: string): Promise<string> => {
    const environment = parse(readFileSync(await labEnvironmentFile(cluster.lab), 'utf8')) as { kubernetes: { kubeconfig: string } };
    const kubeconfig = parse(readFileSync(environment.kubernetes.kubeconfig, 'utf8')) as Kubeconfig;
    for (const { user } of kubeconfig.users) user.token = token;
    const own = join(cluster.runs.drills(), 'kubeconfig');
    writeFileSync(own, stringify(kubeconfig));
    const file = join(cluster.runs.drills(), 'environment.yaml');
    writeFileSync(file, stringify({ ...environment, kubernetes: { ...environment.kubernetes, kubeconfig: own } }));
    return file;
  };
  const tokenOfHarness = (): Promise<string> => cluster.kubectl('create', 'token', 'harness', '-n', 'default');

  it('whoever operates the lab lacks nothing for any drill', async () => {
    const { stdout } = await expectExit(0, 'doctor', '--lab', cluster.lab);
    assert.match(stdout, /^\d+ permissions looked at, 0 missing/m);
  });

  it('the roles that "permissions" prints are enough, and the doctor tells what is taken away from them', async () => {
    const roles = await grant(...drills);
    const env = await environmentOf(await tokenOfHarness());
    assert.match((await expectExit(0, 'doctor', ...drills, '--env', env)).stdout, /, 0 missing/);
    await expectExit(0, 'run', 'node-drain', '--env', env, '--out', cluster.runs.path);
    assert.equal(cluster.runs.report().verdict.value, 'held');

    const lesser = roles.map((role) => ({ ...role, rules: role.rules.filter(({ resources }) => !resources.includes('pods/eviction')) }));
    await cluster.apply(...lesser);
    const { stdout } = await expectExit(3, 'doctor', ...drills, '--env', env);
    assert.match(stdout, /^missing {3}Kubernetes: may not create pods\/eviction /m);
  });

  it('a drill by somebody who lacks a right is refused, and says which', async () => {
    await grant('pod-kill');
    const env = await environmentOf(await tokenOfHarness());
    const before = await cluster.kubectl('-n', 'shop', 'get', 'pods', '-o', 'name');
    await cluster.kubectl('-n', 'shop', 'delete', 'role', 'firedrill');
    const { stderr } = await expectExit(3, 'run', 'pod-kill', '--env', env, '--out', cluster.runs.path);
    assert.match(stderr, /^refused: a right is missing that breaking or putting back needs: Kubernetes: may not delete pods in namespace shop; grant it, see firedrill permissions$/m);
    assert.equal(await cluster.kubectl('-n', 'shop', 'get', 'pods', '-o', 'name'), before);
  });

  it('a right that is taken away once the drill has begun breaks nothing either, and the run says which', async () => {
    const roles = await grant('pod-kill');
    const env = await environmentOf(await tokenOfHarness());
    const before = await cluster.kubectl('-n', 'shop', 'get', 'pods', '-o', 'name');
    // Time enough to take it away: the rights are asked for before the baseline.
    const drill = join(cluster.runs.drills(), 'pod-kill.yaml');
    writeFileSync(drill, readFileSync(join(root, 'scenarios/catalogue/pod-kill.yaml'), 'utf8').replace('at: 0s', 'at: 25s'));
    const run = startFiredrill(['run', drill, '--env', env, '--out', cluster.runs.path, '--yes']);
    await run.says(/phase: baseline/);
    await cluster.apply(...roles.map((role) => ({ ...role, rules: role.rules.map((rule) => ({ ...rule, verbs: rule.verbs.filter((verb) => verb !== 'delete') })) })));
    const { code, stdout, stderr } = await run.ended;
    assert.equal(code, 5, `${stdout}\n${stderr}`);
    assert.match(stdout, /fault pod could not be injected: Kubernetes: delete pods web-\S+ in namespace shop is not allowed for these credentials \(403\): grant it, see firedrill permissions/);
    assert.equal(await cluster.kubectl('-n', 'shop', 'get', 'pods', '-o', 'name'), before);
  });

  it('a token that is no longer good, a context that is not there and an API that can not be reached are each told in one line', async () => {
    const wrongToken = await environmentOf('no-longer-good');
    const { stderr: expired } = await expectExit(2, 'run', 'pod-kill', '--env', wrongToken, '--out', cluster.runs.path);
    assert.match(expired, /Kubernetes does not accept the credentials of context \S+ \(401\): the token is wrong or has expired; log in again/);

    const environment = parse(readFileSync(wrongToken, 'utf8')) as { kubernetes: { context: string; kubeconfig: string } };
    writeFileSync(wrongToken, stringify({ ...environment, kubernetes: { ...environment.kubernetes, context: 'nowhere' } }));
    const { stderr: context } = await expectExit(2, 'plan', 'pod-kill', '--env', wrongToken);
    assert.match(context, /has no context nowhere; it has /);

    const { kubeconfig } = environment.kubernetes;
    writeFileSync(wrongToken, stringify(environment));
    writeFileSync(kubeconfig, readFileSync(kubeconfig, 'utf8').replace(/server: .*/, 'server: https://10.200.0.99:6443'));
    const { stderr: silent } = await expectExit(4, 'plan', 'pod-kill', '--env', wrongToken);
    assert.match(silent, /Kubernetes: \S.*: (https:\/\/10\.200\.0\.99:6443 can't be reached \([A-Z_]+\); check the kubeconfig and the network|no answer from https:\/\/10\.200\.0\.99:6443 in time)/);
  });
});
