import type { Select } from '../../scenarios/select.ts';
import type { WatchedNode } from '../cluster-watch.ts';
import { ExpectedError } from '../errors.ts';
import type { ProbeContext } from '../probe.ts';
import { shortName } from '../roles.ts';
import { describeSelect, matchesNode } from '../select.ts';
import { labelSelectorOf, requireKubernetes } from '../watched-select.ts';

/** The proxy on one node, and what its stream is called. */
export interface NodeProxy {
  readonly name: string;
  /** `host:port` */
  readonly proxy: string;
}

/**
 * The proxies of the nodes that are selected, at the addresses (InternalIP) that the nodes have when the run begins: a
 * node that is lost has lost its proxy, and what takes its place is another.
 *
 * @throws ExpectedError when no node matches, or one has no address
 */
export async function nodeProxies({ select = {}, proxyPort }: { readonly select?: Select | undefined; readonly proxyPort: number }, context: ProbeContext): Promise<NodeProxy[]> {
  const all = await requireKubernetes(context).list({ collection: 'nodes', labelSelector: labelSelectorOf(select.labels) });
  const nodes = all.filter((node) => matchesNode(node, select)).sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  if (nodes.length === 0) throw new ExpectedError(`probe ${context.name}: select ${describeSelect(select)} matches no node`);
  // A node's name is often a whole host name, whose domain tells nothing.
  const short = nodes.map(({ name }) => shortName(name));
  const names = new Set(short).size === nodes.length ? short : nodes.map(({ name }) => name);
  return nodes.map((node, index) => ({ name: nodes.length === 1 ? context.name : `${context.name}/${names[index]}`, proxy: `${addressOf(node, context.name)}:${proxyPort}` }));
}

function addressOf({ name, address }: WatchedNode, probe: string): string {
  if (address === undefined) throw new ExpectedError(`probe ${probe}: node ${name} has no InternalIP, so its proxy can't be reached; select another node`);
  return address.includes(':') ? `[${address}]` : address;
}
