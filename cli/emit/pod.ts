import { accountName, configKey, type KubernetesInput } from './in-cluster.ts';

/** Whom the image runs as; see deploy/Dockerfile. */
const userId = 65_532;
const configPath = '/etc/firedrill';
const dataPath = '/var/lib/firedrill';

/** The pod of one start of the schedule: not root, nothing of its disk to be changed but its volumes. */
export function podOf({ name, image, files, gamedayFile, zonesHit }: KubernetesInput): object {
  return {
    serviceAccountName: accountName,
    restartPolicy: 'Never',
    // Ending it undoes what is broken.
    terminationGracePeriodSeconds: 1_800,
    ...(zonesHit.length > 0 ? { affinity: awayFrom(zonesHit) } : {}),
    securityContext: { runAsNonRoot: true, runAsUser: userId, runAsGroup: userId, fsGroup: userId, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'firedrill',
        image,
        args: ['gameday', 'schedule', `${configPath}/${gamedayFile}`, '--once', '--env', `${configPath}/environment.yaml`, '--state', `${dataPath}/state`, '--out', `${dataPath}/runs`],
        // By these it knows where it stands, and refuses to hit its own pod, node and zone.
        env: [
          field('POD_NAME', 'metadata.name'),
          field('POD_NAMESPACE', 'metadata.namespace'),
          field('NODE_NAME', 'spec.nodeName'),
          field('NODE_ZONE', "metadata.labels['topology.kubernetes.io/zone']"),
        ],
        // What the environment file takes from variables, such as ${env:ETCD_PASSWORD}.
        envFrom: [{ secretRef: { name: `firedrill-${name}`, optional: true } }],
        resources: { requests: { cpu: '250m', memory: '256Mi' }, limits: { memory: '1Gi' } },
        securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
        volumeMounts: [
          { name: 'config', mountPath: configPath, readOnly: true },
          { name: 'data', mountPath: dataPath },
          { name: 'tmp', mountPath: '/tmp' },
        ],
      },
    ],
    volumes: [
      { name: 'config', configMap: { name: `firedrill-${name}`, items: [...files.map(({ path }) => path), 'environment.yaml'].map((path) => ({ key: configKey(path), path })) } },
      { name: 'data', persistentVolumeClaim: { claimName: `firedrill-${name}` } },
      { name: 'tmp', emptyDir: {} },
    ],
  };
}

function field(name: string, fieldPath: string): object {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}

/** Not in a zone that a drill names: a zone that is drawn is known to the guard only, which then draws another. */
function awayFrom(zones: readonly string[]): object {
  const matchExpressions = [{ key: 'topology.kubernetes.io/zone', operator: 'NotIn', values: [...zones] }];
  return { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } } };
}
