import assert from 'node:assert/strict';
import { labStatusText } from '../../cli/lab-status-text.ts';
import type { LabStatus } from '../../lab/index.ts';

const lab = (apiServer: NonNullable<LabStatus['kubernetes']>['apiServer']): LabStatus => ({
  name: 'lab',
  timing: 'fast',
  ready: true,
  whole: true,
  clusterId: 'c1',
  members: [],
  sabotage: [],
  kubernetes: { clusterUid: 'u1', whole: true, nodes: [], pods: [], trouble: null, apiServer, kubeconfig: '/k', context: 'lab-lab', auditLog: '/audit', specimen: false },
});

describe('the status of a lab, for people', () => {
  const lines: [what: string, apiServer: Parameters<typeof lab>[0], line: string][] = [
    ["the lab's own API server", { version: 'v1.36.2', assets: null }, "API server: the lab's own, v1.36.2"],
    ['one that was given', { version: 'v1.33.1', assets: '/opt/kube' }, 'API server: kube-apiserver from /opt/kube, v1.33.1'],
    ['one that is silent', { version: null, assets: '/opt/kube' }, 'API server: kube-apiserver from /opt/kube, which does not answer'],
  ];
  for (const [what, apiServer, line] of lines) {
    it(`says which API server runs: ${what}`, () => assert.ok(labStatusText(lab(apiServer)).split('\n').includes(line)));
  }
});
