import assert from 'node:assert/strict';
import { renderPolicies, type NetworkPolicy, type PolicyPod } from '../../../lab/kubernetes/kubelet/policy-rules.ts';

const pod = (address: string, app: string, namespace = 'shop'): PolicyPod => ({ namespace, labels: { app }, address, ports: { http: 8080 } });
const web = pod('10.200.1.11', 'web');
const agent = pod('10.200.1.12', 'agent');
const other = pod('10.200.2.11', 'web', 'other');
const policy = (spec: NetworkPolicy['spec']): NetworkPolicy => ({ metadata: { name: 'p', namespace: 'shop' }, spec });
const rules = (...policies: NetworkPolicy[]): string =>
  renderPolicies({
    policies,
    local: [web, agent],
    pods: [web, agent, other],
    namespaces: [{ name: 'shop', labels: { team: 'a' } }, { name: 'other', labels: { team: 'b' } }],
  });
const chain = (text: string, name: string): string[] | undefined =>
  new RegExp(`chain ${name} \\{\\n([\\s\\S]*?)\\n  \\}`).exec(text)?.[1]?.trim().split('\n').map((line) => line.trim());

describe('network policies on a node', () => {
  it('leave everything open where there are none', () => {
    assert.doesNotMatch(rules(), /drop/);
  });

  it('that allow nothing cut the selected pods off, both ways, and nobody else', () => {
    const text = rules(policy({ podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress', 'Egress'] }));
    assert.deepEqual(chain(text, 'in_10_200_1_11'), ['drop']);
    assert.deepEqual(chain(text, 'out_10_200_1_11'), ['drop']);
    assert.match(text, /ip daddr 10\.200\.1\.11 jump in_10_200_1_11/);
    assert.doesNotMatch(text, /10\.200\.1\.12|10_200_1_12/);
  });

  it('let in whom they name, on the ports that they name, and add up', () => {
    const text = rules(
      policy({ podSelector: {}, ingress: [{ from: [{ podSelector: { matchLabels: { app: 'agent' } } }], ports: [{ port: 'http' }] }] }),
      policy({ podSelector: { matchLabels: { app: 'web' } }, ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'b' } } }] }] }),
      policy({ podSelector: { matchLabels: { app: 'web' } }, ingress: [{ from: [{ ipBlock: { cidr: '10.200.0.0/16', except: ['10.200.3.0/24'] } }], ports: [{ protocol: 'UDP', port: 53, endPort: 60 }] }] }),
    );
    assert.deepEqual(chain(text, 'in_10_200_1_11'), [
      'ip saddr { 10.200.1.12 } tcp dport 8080 return',
      'ip saddr { 10.200.2.11 } return',
      'ip saddr 10.200.0.0/16 ip saddr != { 10.200.3.0/24 } udp dport 53-60 return',
      'drop',
    ]);
    assert.equal(chain(text, 'out_10_200_1_11'), undefined);
  });

  it('with a rule that names nobody let everybody in', () => {
    assert.deepEqual(chain(rules(policy({ podSelector: {}, ingress: [{}] })), 'in_10_200_1_12'), ['meta l4proto { tcp, udp, sctp, icmp } return', 'drop']);
  });
});
