import { deepEqual, equal, throws } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { applyDefaults } from '../../../lab/kubernetes/api/admission/defaults.ts';
import { apiResourceList } from '../../../lab/kubernetes/api/discovery.ts';
import { negotiate } from '../../../lab/kubernetes/api/http/accept.ts';
import type { KubeObject } from '../../../lab/kubernetes/api/object.ts';
import { managedByApply, serverSideApply } from '../../../lab/kubernetes/api/patch/server-side.ts';
import { strategicMergePatch } from '../../../lab/kubernetes/api/patch/strategic.ts';
import { decodeProtobuf } from '../../../lab/kubernetes/api/protobuf/decode.ts';
import { readRequest } from '../../../lab/kubernetes/api/request.ts';
import { groupVersion, resources } from '../../../lab/kubernetes/api/resources.ts';
import { conform } from '../../../lab/kubernetes/api/schema/conform.ts';
import { typeOfKind } from '../../../lab/kubernetes/api/schema/types.ts';
import { parseLabelSelector } from '../../../lab/kubernetes/api/selectors/labels.ts';
import { columnsOf } from '../../../lab/kubernetes/api/table/columns.ts';
import { humanDuration } from '../../../lab/kubernetes/api/table/duration.ts';

type Json = ReturnType<JSON['parse']>;

function exchangesOf(name: string): Json[] {
  return JSON.parse(readFileSync(new URL(`recordings/${name}.json`, import.meta.url), 'utf8')).exchanges;
}

/** What a recording shows of what is stored; some hold one object alone, and not how it was asked for. */
function bodiesOf(name: string): Json[] {
  const recording = JSON.parse(readFileSync(new URL(`recordings/${name}.json`, import.meta.url), 'utf8'));
  if (!recording.exchanges) return [{ ...(recording.body.spec.containers ? { kind: 'Pod', apiVersion: 'v1' } : {}), ...recording.body }];
  return recording.exchanges.filter(({ response }: Json) => response.status === 200).map(({ response }: Json) => response.body);
}

describe('the lab’s API server reads what kubectl posts as protobuf', () => {
  it('as the object that JSON would have said', () => {
    const [deployment] = exchangesOf('2-kubectl/create-deployment').map(({ request }) => request.body?.protobufBase64).filter(Boolean);
    deepEqual(decodeProtobuf(Buffer.from(deployment, 'base64')), {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'made', namespace: 'shop', labels: { app: 'made' } },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'made' } },
        template: { metadata: { labels: { app: 'made' } }, spec: { containers: [{ name: 'bb', image: 'localhost/bb:1' }] } },
      },
    });
  });
  const posted: Record<string, object> = {
    '2-kubectl/create-configmap': { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c1', namespace: 'shop' }, data: { a: 'b' } },
    '2-kubectl/create-namespace': { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kctl' } },
    '2-kubectl/auth-can-i': { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: { namespace: 'shop', verb: 'delete', resource: 'pods' } } },
    '2-kubectl/auth-can-i-list': { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace: 'shop' } },
  };
  for (const [name, object] of Object.entries(posted)) {
    it(`such as ${name}`, () => {
      const bodies = exchangesOf(name).map(({ request }) => request.body?.protobufBase64).filter(Boolean);
      deepEqual(bodies.map((body) => decodeProtobuf(Buffer.from(body, 'base64'))), [object]);
    });
  }
  it('and names apply for what it can not read', () => {
    throws(() => decodeProtobuf(Buffer.from('k8s\0')), /kubectl apply/);
  });
});

describe('the lab’s API server knows the resources that the recorded one has', () => {
  const recorded = [
    '1-discovery/api-v1', '1-discovery/apis-apps-v1', '1-discovery/apis-authentication-v1', '1-discovery/apis-authorization-v1',
    '1-discovery/apis-coordination-v1', '1-discovery/apis-discovery-v1', '1-discovery/apis-events-v1', '1-discovery/apis-policy-v1',
    '1-discovery/apis-rbac-v1',
  ];
  for (const name of recorded) {
    it(name, () => {
      const { body } = exchangesOf(name)[0].response;
      const [group, version] = body.groupVersion.includes('/') ? body.groupVersion.split('/') : ['', body.groupVersion];
      const mine = apiResourceList(group, version) as Json;
      const theirs = new Map<string, Json>(body.resources.map(({ storageVersionHash: _, ...entry }: Json) => [entry.name, entry]));
      for (const entry of mine.resources) deepEqual(entry, theirs.get(entry.name), entry.name);
    });
  }
});

describe('a table of the lab’s API server', () => {
  for (const { request, response } of exchangesOf('4-semantics/table-columns')) {
    it(`has the columns of ${request.path.split('?')[0]}`, () => {
      const { target } = readRequest('GET', request.path);
      const resource = resources.find(({ group, plural }) => group === target!.group && plural === target!.plural)!;
      const shape = ({ name, type, format, priority }: Json) => ({ name, type, format, priority });
      deepEqual(columnsOf(resource).map(shape), response.body.columnDefinitions.map(shape));
    });
  }
  it('shows what an autoscaler aims at', () => {
    const resource = resources.find(({ kind }) => kind === 'HorizontalPodAutoscaler')!;
    const object = {
      kind: 'HorizontalPodAutoscaler',
      apiVersion: 'autoscaling/v2',
      metadata: { name: 'web' },
      spec: {
        scaleTargetRef: { kind: 'Deployment', name: 'web' },
        maxReplicas: 5,
        metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 80 } } }, { type: 'Pods', pods: { target: { averageValue: '10' } } }, { type: 'External', external: { target: { value: '3' } } }],
      },
      status: { currentReplicas: 2, currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 40 } } }] },
    };
    const cells = columnsOf(resource).map(({ name, cell }) => (name === 'Age' ? '' : cell(object)));
    deepEqual(cells, ['web', 'Deployment/web', 'cpu: 40%/80%, <unknown>/10 + 1 more...', '<unset>', 5, 2, '']);
  });
  it('shows ages as kubectl does', () => {
    const seconds: [number, string][] = [[5, '5s'], [119, '119s'], [200, '3m20s'], [3600, '60m'], [18_600, '5h10m'], [86_400, '24h'], [273_600, '3d4h']];
    for (const [age, text] of seconds) equal(humanDuration(age * 1000), text);
  });
});

describe('what the recorded server stores', () => {
  const objects = [
    '3-objects/pod-ready', '3-objects/pod-ready-with-managedFields', '3-objects/pod-not-ready',
    '3-objects/pod-of-daemonset', '3-objects/pod-stuck-terminating', '3-objects/deployment', '3-objects/daemonset',
    '3-objects/replicaset', '3-objects/service-web', '3-objects/service-headless', '3-objects/service-kubernetes',
    '3-objects/service-nobody', '3-objects/service-noselector', '3-objects/service-notready', '3-objects/node-ready',
    '3-objects/node-not-ready', '3-objects/namespace', '3-objects/namespaces-at-start',
    '3-objects/serviceaccount-default', '3-objects/configmap-kube-root-ca', '3-objects/poddisruptionbudget',
    '3-objects/lease-of-node', '3-objects/event-killing-in-events-v1', '3-objects/events-of-a-pod',
    '3-objects/events-of-controllers',
  ];
  for (const name of objects) {
    it(`is known field by field, and has its defaults already: ${name}`, () => {
      for (const body of bodiesOf(name)) {
        const all: Json[] = body.items ? body.items.map((item: Json) => ({ kind: body.kind.replace(/List$/, ''), apiVersion: body.apiVersion, ...item })) : [body];
        for (const object of all) {
          const read = conform(object, typeOfKind(`${object.apiVersion}/${object.kind}`)!);
          deepEqual(read.unknown, []);
          const resource = resources.find((candidate) => groupVersion(candidate) === object.apiVersion && candidate.kind === object.kind)!;
          applyDefaults(resource, read.object);
          deepEqual(read.object, object);
        }
      }
    });
  }
});

describe('a label selector', () => {
  for (const { request, response } of exchangesOf('4-semantics/label-selectors').filter((exchange) => exchange.response.status === 400)) {
    it(`that is wrong is refused in the real server’s words: ${request.path.split('=').slice(1).join('=')}`, () => {
      const text = readRequest('GET', request.path).query.get('labelSelector')!;
      throws(() => parseLabelSelector(text), { message: response.body.message });
    });
  }
});

describe('a strategic merge patch', () => {
  const spec = { containers: [{ name: 'app', image: 'x', env: [{ name: 'A', value: '1' }] }], tolerations: [{ key: 'a' }] };
  it('merges containers by name and their variables as well', () => {
    deepEqual(strategicMergePatch(spec, { containers: [{ name: 'app', env: [{ name: 'B', value: '2' }] }] }).containers, [
      { name: 'app', image: 'x', env: [{ name: 'B', value: '2' }, { name: 'A', value: '1' }] },
    ]);
  });
  it('replaces lists that have no key', () => {
    deepEqual(strategicMergePatch(spec, { tolerations: [] }).tolerations, []);
  });
  it('deletes an item that it says to', () => {
    deepEqual(strategicMergePatch(spec, { containers: [{ name: 'app', $patch: 'delete' }] }).containers, []);
  });
});

describe('server-side apply', () => {
  const object = (data: object): KubeObject => ({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'c' }, data });
  const made = (): KubeObject => ({ ...object({ k: '1', l: '1' }), metadata: { name: 'c', managedFields: managedByApply(object({ k: '1', l: '1' }), 'one') } });
  it('refuses what another manager has set otherwise', () => {
    throws(() => serverSideApply(made(), object({ k: '2' }), { manager: 'two', force: false }), { message: 'Apply failed with 1 conflict: conflict with "one": .data.k' });
  });
  it('takes it by force, and takes away what a manager gives up', () => {
    const forced = serverSideApply(made(), object({ k: '2' }), { manager: 'two', force: true });
    deepEqual(forced['data'], { k: '2', l: '1' });
    deepEqual(serverSideApply(forced, object({}), { manager: 'one', force: false })['data'], { k: '2' });
  });
});

describe('the form of an answer', () => {
  it('is the first that the client names and the server has', () => {
    equal(negotiate('application/json;as=Table;v=v1;g=meta.k8s.io,application/json').as, 'Table');
    equal(negotiate('application/vnd.kubernetes.protobuf,application/json').as, 'object');
    throws(() => negotiate('text/plain'), /406: Not Acceptable/);
  });
});
