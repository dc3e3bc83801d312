import assert from 'node:assert/strict';
import type { NetworkRules, PacketRule } from '../../lab/hypervisor.ts';
import { createFirewall } from '../../lab/world/firewall.ts';
import { renderRules } from '../../lab/world/network-rules.ts';

const anything: PacketRule = { protocol: undefined, peers: ['0.0.0.0/0'], ports: undefined, icmp: undefined };
const empty: NetworkRules = { borders: [], groups: [], guarded: [] };
const guarding = (...guarded: string[]): NetworkRules => ({ ...empty, guarded });

describe('the rules of the network, in the language of nft', () => {
  const cases: [what: string, rule: PacketRule, line: string][] = [
    ['anything', anything, 'oifname zone-b accept'],
    ['one network', { ...anything, peers: ['10.200.1.0/24'] }, 'oifname zone-b ip saddr { 10.200.1.0/24 } accept'],
    ['a range of ports', { ...anything, protocol: 6, ports: { from: 2379, to: 2380 } }, 'oifname zone-b tcp dport 2379-2380 accept'],
    ['one port', { ...anything, protocol: 17, ports: { from: 53, to: 53 } }, 'oifname zone-b udp dport 53 accept'],
    ['any port of TCP', { ...anything, protocol: 6 }, 'oifname zone-b meta l4proto 6 accept'],
    ['a ping', { ...anything, protocol: 1, icmp: { type: 8, code: 0 } }, 'oifname zone-b icmp type 8 icmp code 0 accept'],
    ['all of ICMP', { ...anything, protocol: 1, icmp: { type: undefined, code: undefined } }, 'oifname zone-b meta l4proto 1 accept'],
  ];
  for (const [what, rule, line] of cases) {
    it(`let in ${what}`, () => {
      const border = { zone: 'eu-west-1b', cidr: '10.200.2.0/24', ingress: [{ ...rule, allow: true }], egress: [] };
      const lines = renderRules({ ...empty, borders: [border] }).split('\n').map((each) => each.trim());
      assert.ok(lines.includes(line), lines.join('\n'));
      assert.ok(lines.includes('iifname zone-b drop'), 'what no rule of the other direction lets out');
    });
  }

  it('keep the order of an ACL, and end with a denial', () => {
    const rules = [{ ...anything, peers: ['10.200.1.0/24'], allow: false }, { ...anything, allow: true }];
    const text = renderRules({ ...empty, borders: [{ zone: 'eu-west-1a', cidr: '10.200.1.0/24', ingress: [], egress: rules }] });
    assert.match(text, /iifname zone-a ip daddr \{ 10\.200\.1\.0\/24 \} drop\n\s+iifname zone-a accept\n\s+iifname zone-a drop\n/);
  });

  it('let through what one of several groups allows, and drop the rest of what is guarded', () => {
    const ingress = [{ ...anything, protocol: 6, ports: { from: 80, to: 80 } }, { ...anything, peers: [] }];
    const text = renderRules({ ...empty, groups: [{ id: 'sg-1', addresses: ['10.200.1.5'], ingress, egress: [] }], guarded: ['10.200.1.5', '10.200.1.6'] });
    const chain = /chain group_ingress \{\n([^}]*\}[^}]*\}[^}]*)/.exec(text)![1]!;
    assert.deepEqual(chain.trim().split(/\n\s*/), ['ip daddr { 10.200.1.5 } tcp dport 80 return', 'ip daddr { 10.200.1.5, 10.200.1.6 } drop']);
  });

  it('empty all chains in the same transaction that fills them', () => {
    assert.equal(renderRules(empty).match(/^flush chain inet vpc /gm)!.length, 4);
  });
});

describe('the firewall', () => {
  it('loads one set of rules after the other, and of those that wait only the newest', async () => {
    const loaded: string[] = [];
    let release = (): void => {};
    const firewall = createFirewall((script) => {
      loaded.push(/ip saddr \{ (.*) \} drop/.exec(script)![1]!);
      return new Promise((resolve) => (release = resolve));
    });
    const first = firewall.apply(guarding('10.0.0.1'));
    await new Promise((resolve) => setImmediate(resolve));
    const others = [2, 3, 4].map((last) => firewall.apply(guarding(`10.0.0.${last}`)));
    assert.deepEqual(loaded, ['10.0.0.1']);
    release();
    await first;
    await new Promise((resolve) => setImmediate(resolve));
    release();
    await Promise.all(others);
    assert.deepEqual(loaded, ['10.0.0.1', '10.0.0.4']);
  });

  it('tells those who wait of a failure, and goes on', async () => {
    let failing = true;
    const firewall = createFirewall(async () => {
      if (failing) throw new Error('nft said no');
    });
    await assert.rejects(firewall.apply(guarding('10.0.0.1')), /nft said no/);
    failing = false;
    await firewall.apply(guarding('10.0.0.2'));
  });
});
