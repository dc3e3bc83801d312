import type { KubeObject, LabelSelector } from '../objects.ts';
import { matchesSelector } from '../selectors.ts';

/** What a NetworkPolicy says. */
export interface NetworkPolicy extends KubeObject {
  spec: {
    podSelector?: LabelSelector;
    policyTypes?: ('Ingress' | 'Egress')[];
    ingress?: { from?: PolicyPeer[]; ports?: PolicyPort[] }[];
    egress?: { to?: PolicyPeer[]; ports?: PolicyPort[] }[];
  };
}

export interface PolicyPeer {
  podSelector?: LabelSelector;
  namespaceSelector?: LabelSelector;
  ipBlock?: { cidr: string; except?: string[] };
}

export interface PolicyPort {
  protocol?: string;
  port?: number | string;
  endPort?: number;
}

/** A pod as policies see it. */
export interface PolicyPod {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly address: string;
  /** Its ports that have a name. */
  readonly ports: Readonly<Record<string, number>>;
}

export interface PolicyWorld {
  readonly policies: readonly NetworkPolicy[];
  /** The pods of this node, which the rules are for. */
  readonly local: readonly PolicyPod[];
  /** All pods of the cluster. */
  readonly pods: readonly PolicyPod[];
  readonly namespaces: readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[];
}

const directions = { Ingress: { own: 'daddr', peer: 'saddr', chain: 'in' }, Egress: { own: 'saddr', peer: 'daddr', chain: 'out' } } as const;

/**
 * The policies in nft's language, as a network plugin's agent on the node puts them in force. A pod that no policy selects is
 * open; one that is selected lets through what some policy allows. Only the beginning of a connection is judged, and what the
 * node itself sends, such as probes, is never kept away.
 */
export function renderPolicies(world: PolicyWorld): string {
  const chains: string[] = [];
  const jumps: string[] = [];
  for (const type of ['Egress', 'Ingress'] as const) {
    const { own, chain } = directions[type];
    for (const pod of world.local) {
      const selecting = world.policies.filter((policy) => selects(policy, pod) && typesOf(policy).includes(type));
      if (selecting.length === 0) continue;
      const name = `${chain}_${pod.address.replaceAll('.', '_')}`;
      const allowed = selecting.flatMap((policy) => linesOf(policy, type, pod, world));
      chains.push(`  chain ${name} {\n${allowed.map((line) => `    ${line} return\n`).join('')}    drop\n  }\n`);
      jumps.push(`    ip ${own} ${pod.address} jump ${name}\n`);
    }
  }
  return `table ip policies
delete table ip policies
table ip policies {
${chains.join('')}  chain forwarded {
    type filter hook forward priority filter; policy accept;
    ct state established,related accept
${jumps.join('')}  }
}
`;
}

const selects = (policy: NetworkPolicy, pod: PolicyPod): boolean =>
  policy.metadata.namespace === pod.namespace && matchesSelector(policy.spec.podSelector ?? {}, pod.labels);

/** Ingress always, when it isn't said; Egress when there are rules for it. */
function typesOf({ spec }: NetworkPolicy): readonly ('Ingress' | 'Egress')[] {
  return spec.policyTypes ?? (spec.egress ? ['Ingress', 'Egress'] : ['Ingress']);
}

/** What a policy lets through, as matches. */
function linesOf(policy: NetworkPolicy, type: 'Ingress' | 'Egress', pod: PolicyPod, world: PolicyWorld): string[] {
  const { peer } = directions[type];
  const rules = type === 'Ingress' ? (policy.spec.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports })) : (policy.spec.egress ?? []).map(({ to, ports }) => ({ peers: to, ports }));
  return rules.flatMap(({ peers, ports }) => {
    const sources = !peers || peers.length === 0 ? [''] : peers.flatMap((each) => peerMatches(each, peer, policy.metadata.namespace ?? '', world));
    const targets = !ports || ports.length === 0 ? [''] : ports.flatMap((port) => portMatch(port, pod));
    // An empty match is everything, and nft wants something to stand there.
    return sources.flatMap((source) => targets.map((target) => [source, target].filter(Boolean).join(' ') || 'meta l4proto { tcp, udp, sctp, icmp }'));
  });
}

function peerMatches({ ipBlock, podSelector, namespaceSelector }: PolicyPeer, side: string, namespace: string, world: PolicyWorld): string[] {
  if (ipBlock) {
    const except = ipBlock.except && ipBlock.except.length > 0 ? ` ip ${side} != { ${ipBlock.except.join(', ')} }` : '';
    return [`ip ${side} ${ipBlock.cidr}${except}`];
  }
  const isNamespace = (name: string): boolean =>
    namespaceSelector ? matchesSelector(namespaceSelector, world.namespaces.find((each) => each.name === name)?.labels) : name === namespace;
  const addresses = world.pods.filter((pod) => isNamespace(pod.namespace) && (!podSelector || matchesSelector(podSelector, pod.labels))).map(({ address }) => address);
  return addresses.length === 0 ? [] : [`ip ${side} { ${[...new Set(addresses)].join(', ')} }`];
}

function portMatch({ protocol = 'TCP', port, endPort }: PolicyPort, pod: PolicyPod): string[] {
  const name = protocol.toLowerCase();
  if (port === undefined) return [`meta l4proto ${name}`];
  const number = typeof port === 'number' ? port : pod.ports[port];
  return number === undefined ? [] : [`${name} dport ${endPort === undefined ? number : `${number}-${endPort}`}`];
}
