import type { AddressGroup, NetworkRules, PacketRule, SubnetBorder } from '../hypervisor.ts';
import { zoneNamed } from '../names.ts';

const tcp = 6;
const udp = 17;
const icmp = 1;

/**
 * The rules in nft's language: one transaction that empties the four chains and fills them again, so that no packet meets a
 * half of them.
 */
export function renderRules({ borders, groups, guarded }: NetworkRules): string {
  const chains: Readonly<Record<string, readonly string[]>> = {
    acl_egress: borders.flatMap((border) => borderLines(border, 'egress')),
    acl_ingress: borders.flatMap((border) => borderLines(border, 'ingress')),
    group_egress: [...groups.flatMap((group) => groupLines(group, 'egress')), ...closing('saddr', guarded)],
    group_ingress: [...groups.flatMap((group) => groupLines(group, 'ingress')), ...closing('daddr', guarded)],
  };
  const flushes = Object.keys(chains).map((name) => `flush chain inet vpc ${name}`);
  const fills = Object.entries(chains).map(([name, lines]) => `  chain ${name} {\n${indented(lines)}  }`);
  return `${flushes.join('\n')}\ntable inet vpc {\n${fills.join('\n')}\n}\n`;
}

const indented = (lines: readonly string[]): string => lines.map((line) => `    ${line}\n`).join('');

/** The first rule that matches decides; the last is AWS's rule `*`, which nobody can take away. */
function borderLines(border: SubnetBorder, direction: 'ingress' | 'egress'): string[] {
  const { bridge } = zoneNamed(border.zone);
  const [device, peer] = direction === 'ingress' ? [`oifname ${bridge}`, 'saddr'] : [`iifname ${bridge}`, 'daddr'];
  const lines = border[direction].map((rule) => [device, ...matches(rule, peer), rule.allow ? 'accept' : 'drop']);
  return [...lines.map((words) => words.join(' ')), `${device} drop`];
}

/** What a group allows goes on to the next question; what none does meets the closing rule. */
function groupLines({ addresses, ingress, egress }: AddressGroup, direction: 'ingress' | 'egress'): string[] {
  const [rules, own, peer] = direction === 'ingress' ? [ingress, 'daddr', 'saddr'] : [egress, 'saddr', 'daddr'];
  if (addresses.length === 0) return [];
  return rules
    .filter((rule) => rule.peers.length > 0)
    .map((rule) => [`ip ${own} ${setOf(addresses)}`, ...matches(rule, peer), 'return'].join(' '));
}

const closing = (own: string, guarded: readonly string[]): string[] =>
  guarded.length === 0 ? [] : [`ip ${own} ${setOf(guarded)} drop`];

function matches({ protocol, peers, ports, icmp: message }: PacketRule, peer: string): string[] {
  const words: string[] = [];
  if (!peers.includes('0.0.0.0/0')) words.push(`ip ${peer} ${setOf(peers)}`);
  if (protocol === undefined) return words;
  if (protocol === icmp && message?.type !== undefined) {
    words.push(`icmp type ${message.type}`);
    if (message.code !== undefined) words.push(`icmp code ${message.code}`);
  } else if ((protocol === tcp || protocol === udp) && ports !== undefined) {
    // nft takes a range of one port for a mistake.
    const range = ports.from === ports.to ? `${ports.from}` : `${ports.from}-${ports.to}`;
    words.push(`${protocol === tcp ? 'tcp' : 'udp'} dport ${range}`);
  } else {
    words.push(`meta l4proto ${protocol}`);
  }
  return words;
}

const setOf = (entries: readonly string[]): string => `{ ${[...new Set(entries)].join(', ')} }`;
