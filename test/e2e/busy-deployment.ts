/** A Deployment of pods that burn all the CPU that their limit of 500m lets them have. */
export function busyDeployment(replicas: number): object {
  const labels = { app: 'busy' };
  const resources = { limits: { cpu: '500m' }, requests: { cpu: '50m' } };
  const container = { name: 'burn', image: 'busybox', command: ['sh', '-c', 'trap "exit 0" TERM; while :; do :; done'], resources };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'busy', namespace: 'shop', labels },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers: [container] } } },
  };
}
