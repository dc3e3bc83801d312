import type { Etcd3 } from 'etcd3';

export const size = { nodes: 1_000, deployments: 100, podsOfEach: 100 } as const;
const zones = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'];
const writesAtOnce = 64;
const createdAt = '2026-11-23T01:42:36Z';

/** A cluster as large as they are run, as objects without any process behind them, put where an API server finds them. */
export async function fillCluster(etcd: Etcd3): Promise<void> {
  const writes: [string, object][] = [['/registry/namespaces/shop', { apiVersion: 'v1', kind: 'Namespace', metadata: meta('shop'), status: { phase: 'Active' } }]];
  for (let node = 0; node < size.nodes; node += 1) writes.push([`/registry/nodes/${nodeName(node)}`, nodeObject(node)]);
  for (let index = 0; index < size.deployments; index += 1) {
    writes.push([`/registry/deployments/shop/service-${index}`, deploymentObject(index)]);
    for (let pod = 0; pod < size.podsOfEach; pod += 1) writes.push([`/registry/pods/shop/${podName(index, pod)}`, podObject(index, pod)]);
  }
  let next = 0;
  const writer = async (): Promise<void> => {
    for (;;) {
      const write = writes[next++];
      if (!write) return;
      await etcd.put(write[0]).value(JSON.stringify(write[1]));
    }
  };
  await Promise.all(Array.from({ length: writesAtOnce }, writer));
}

/** Writes a pod again, as its kubelet does with each change of its state. */
export async function touchPod(etcd: Etcd3, deployment: number, pod: number, ready: boolean): Promise<void> {
  await etcd.put(`/registry/pods/shop/${podName(deployment, pod)}`).value(JSON.stringify(podObject(deployment, pod, ready)));
}

const hash = '7cd44c8fd8';

function podName(deployment: number, pod: number): string {
  return `service-${deployment}-${hash}-${pod.toString(36).padStart(5, '0')}`;
}

function nodeName(node: number): string {
  return `ip-10-200-${node >> 8}-${node & 255}.eu-west-1.compute.internal`;
}

function meta(name: string, more: object = {}) {
  return { name, uid: `uid-of-${name}`, creationTimestamp: createdAt, generation: 1, ...more };
}

function nodeObject(node: number) {
  const zone = zones[node % zones.length]!;
  const labels = { 'topology.kubernetes.io/zone': zone, 'topology.kubernetes.io/region': 'eu-west-1', 'kubernetes.io/hostname': nodeName(node), role: 'worker' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: meta(nodeName(node), { labels, managedFields: managedFields(10) }),
    spec: { providerID: `aws:///${zone}/i-${node.toString(16).padStart(17, '0')}` },
    status: { conditions: conditions(['MemoryPressure', 'DiskPressure', 'PIDPressure'], 'False').concat(conditions(['Ready'], 'True')), capacity: { cpu: '16', memory: '64Gi', pods: '110' } },
  };
}

function deploymentObject(index: number) {
  const labels = { app: `service-${index}` };
  const replicas = size.podsOfEach;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: meta(`service-${index}`, { namespace: 'shop', labels }),
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: podSpec() } },
    status: { replicas, updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas, observedGeneration: 1 },
  };
}

/** As large as a pod is on a real cluster: some five kilobytes, of which the field managers' notes are a good part. */
function podObject(deployment: number, pod: number, ready = true) {
  const name = podName(deployment, pod);
  const owner = `service-${deployment}-${hash}`;
  const is = ready ? 'True' : 'False';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: meta(name, {
      namespace: 'shop',
      labels: { app: `service-${deployment}`, 'pod-template-hash': hash, team: `team-${deployment % 9}` },
      annotations: { 'checksum/config': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: `uid-of-${owner}`, controller: true, blockOwnerDeletion: true }],
      managedFields: managedFields(30),
    }),
    spec: { ...podSpec(), nodeName: nodeName((deployment * size.podsOfEach + pod) % size.nodes) },
    status: {
      phase: 'Running',
      conditions: conditions(['Initialized', 'PodScheduled', 'PodReadyToStartContainers'], 'True').concat(conditions(['Ready', 'ContainersReady'], is)),
      podIP: `10.${deployment}.${pod >> 8}.${pod & 255}`,
      containerStatuses: [{ name: 'app', ready, restartCount: 0, started: true, state: { running: { startedAt: createdAt } }, image: 'registry.example/app:1', imageID: 'sha256:1c722038e11b3a2e80bab63164bc7c8638d73da42149967efdfc27ad0af0501f', containerID: 'containerd://f93f11dcab5bfd32f428d2a657f648427c58d9f128960235412c4ac00a354945' }],
    },
  };
}

function podSpec() {
  return {
    containers: [
      {
        name: 'app',
        image: 'registry.example/app:1',
        ports: [{ containerPort: 8080, protocol: 'TCP' }],
        env: Array.from({ length: 12 }, (_, index) => ({ name: `SETTING_${index}`, value: `https://service-${index}.shop.svc.cluster.local:8080/path` })),
        resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '4', memory: '2Gi' } },
        readinessProbe: { httpGet: { path: '/ready', port: 8080, scheme: 'HTTP' }, periodSeconds: 1, timeoutSeconds: 1, successThreshold: 1, failureThreshold: 3 },
        volumeMounts: [{ name: 'kube-api-access-x', readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }],
        terminationMessagePath: '/dev/termination-log',
        imagePullPolicy: 'IfNotPresent',
      },
    ],
    volumes: [{ name: 'kube-api-access-x', projected: { defaultMode: 420, sources: [{ serviceAccountToken: { expirationSeconds: 3607, path: 'token' } }] } }],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    serviceAccountName: 'default',
    schedulerName: 'default-scheduler',
    tolerations: ['not-ready', 'unreachable'].map((key) => ({ key: `node.kubernetes.io/${key}`, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 })),
  };
}

function conditions(types: readonly string[], status: string) {
  return types.map((type) => ({ type, status, lastProbeTime: null, lastTransitionTime: createdAt }));
}

function managedFields(fields: number) {
  const fieldsV1 = Object.fromEntries(Array.from({ length: fields }, (_, index) => [`f:field${index}`, { '.': {}, 'f:name': {}, 'f:value': {} }]));
  return [{ manager: 'kube-controller-manager', operation: 'Update', apiVersion: 'v1', time: createdAt, fieldsType: 'FieldsV1', fieldsV1 }];
}
