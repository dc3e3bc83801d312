type Json = ReturnType<JSON['parse']>;

// A recorded Table shows of each object its metadata and its cells. An object with such cells is made here, so that the lab's
// server can make the cells of it again.

type Cells = Readonly<Record<string, Json>>;

const container = (name: string, image: string): object => ({ name, image, imagePullPolicy: 'Never' });
const selectorOf = (text: string): object => ({ matchLabels: Object.fromEntries(text.split(',').map((pair) => pair.split('='))) });

function workload(cells: Cells, spec: object, status: object): object {
  const selector = selectorOf(cells['Selector']);
  const template = { metadata: { labels: (selector as Json).matchLabels }, spec: { containers: [container(cells['Containers'], cells['Images'])] } };
  return { spec: { selector, template, ...spec }, status };
}

function podOf(cells: Cells): object {
  const { Status: shown, IP: podIP, Node: nodeName } = cells;
  const ready = cells['Ready'] === '1/1';
  const state =
    shown === 'Completed'
      ? { terminated: { exitCode: 0, reason: 'Completed' } }
      : shown === 'ContainerCreating'
        ? { waiting: { reason: shown } }
        : { running: { startedAt: '2026-11-23T01:40:42Z' } };
  const phase = shown === 'Completed' ? 'Succeeded' : shown === 'Terminating' ? 'Running' : shown === 'ContainerCreating' ? 'Pending' : shown;
  return {
    spec: {
      containers: [container('app', 'registry.example/app:1')],
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 5,
      ...(nodeName === '<none>' ? {} : { nodeName }),
    },
    status: {
      phase,
      ...(podIP === '<none>' ? {} : { podIP, podIPs: [{ ip: podIP }] }),
      ...(shown === 'Pending' ? {} : { containerStatuses: [{ name: 'app', state, ready, restartCount: Number(cells['Restarts']), image: 'registry.example/app:1', imageID: '' }] }),
    },
  };
}

function nodeOf(cells: Cells): object {
  const [kernelVersion, architecture] = /^(\S+) \((\S+)\)$/.exec(cells['Kernel-Version'])!.slice(1);
  return {
    spec: cells['Status'].includes('SchedulingDisabled') ? { unschedulable: true } : {},
    status: {
      conditions: [{ type: 'Ready', status: cells['Status'].startsWith('Ready') ? 'True' : 'False' }],
      addresses: [{ type: 'InternalIP', address: cells['Internal-IP'] }],
      nodeInfo: { kubeletVersion: cells['Version'], osImage: cells['OS-Image'], kernelVersion, architecture, containerRuntimeVersion: cells['Container-Runtime'] },
    },
  };
}

const byKind: Readonly<Record<string, (cells: Cells) => object>> = {
  Node: nodeOf,
  Pod: podOf,
  Deployment(cells) {
    const [readyReplicas, replicas] = cells['Ready'].split('/').map(Number);
    return workload(cells, { replicas }, { replicas, readyReplicas, updatedReplicas: cells['Up-to-date'], availableReplicas: cells['Available'] });
  },
  ReplicaSet: (cells) => workload(cells, { replicas: cells['Desired'] }, { replicas: cells['Current'], readyReplicas: cells['Ready'] }),
  DaemonSet: (cells) =>
    workload(cells, {}, {
      desiredNumberScheduled: cells['Desired'],
      currentNumberScheduled: cells['Current'],
      numberReady: cells['Ready'],
      numberMisscheduled: 0,
      updatedNumberScheduled: cells['Up-to-date'],
      numberAvailable: cells['Available'],
    }),
  Endpoints(cells) {
    const found: [ip: string, port: string][] = cells['Endpoints'].split(',').map((one: string) => one.split(':'));
    return { subsets: [{ addresses: found.map(([ip]) => ({ ip })), ports: [{ port: Number(found[0]![1]), protocol: 'TCP' }] }] };
  },
  EndpointSlice: (cells) => ({
    addressType: cells['AddressType'],
    ports: [{ name: '', port: Number(cells['Ports']), protocol: 'TCP' }],
    endpoints: cells['Endpoints'].split(',').map((address: string) => ({ addresses: [address], conditions: { ready: true } })),
  }),
  PodDisruptionBudget: (cells) => ({
    spec: { minAvailable: Number(cells['Min Available']), selector: { matchLabels: { app: 'web' } } },
    status: { disruptionsAllowed: cells['Allowed Disruptions'], currentHealthy: 3, desiredHealthy: 1, expectedPods: 3 },
  }),
  Lease: (cells) => ({ spec: { holderIdentity: cells['Holder'], leaseDurationSeconds: 40 } }),
};

/** An object that has the recorded row's metadata and, in a Table, its cells; what a row doesn't show is left out. */
export function objectOfRow(kind: string, apiVersion: string, columns: readonly { readonly name: string }[], row: Json): Json {
  const cells = Object.fromEntries(columns.map(({ name }, at) => [name, row.cells[at]]));
  return { kind, apiVersion, metadata: row.object.metadata, ...byKind[kind]?.(cells) };
}
