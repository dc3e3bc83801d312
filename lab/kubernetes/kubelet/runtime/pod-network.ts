import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { ip, ipHereAndIn } from '../../../world/commands.ts';
import { systemCode } from '../../../errors.ts';

/** The network of one pod: a namespace with one card, which leads to the node. */
export interface PodNetwork {
  readonly address: string;
  /** The file that is the namespace; it keeps it alive when nothing runs in it. */
  readonly path: string;
  /** The node's end of the pod's cable. */
  readonly device: string;
}

const folder = '/run/netns';

/** What a pod takes for its router: the node's end of its cable, as with AWS's network plugin. */
const gateway = '169.254.1.1';

/** The node forwards between its pods and its own card. */
export function prepareNode(): void {
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
  for (const scope of ['all', 'default']) writeFileSync(`/proc/sys/net/ipv4/conf/${scope}/send_redirects`, '0');
}

/** @param uid the pod's */
export async function createPodNetwork(uid: string, address: string): Promise<PodNetwork> {
  const name = namespaceOf(uid);
  const network = { address, path: `${folder}/${name}`, device: deviceOf(uid) };
  const [nodeMac, podMac] = [newMac(), newMac()];
  const here = [
    `netns add ${name}`,
    `link add ${network.device} address ${nodeMac} type veth peer name eth0 address ${podMac} netns ${name}`,
    `link set ${network.device} up`,
    `route replace ${address}/32 dev ${network.device} scope link`,
  ];
  const inside = [
    'link set lo up',
    `addr add ${address}/32 dev eth0`,
    'link set eth0 up',
    `route add ${gateway} dev eth0 scope link`,
    `route add default via ${gateway}`,
    // Nobody has the gateway's address: it is known without being asked for.
    `neigh add ${gateway} lladdr ${nodeMac} dev eth0 nud permanent`,
  ];
  await ipHereAndIn(name, here, inside);
  return network;
}

/** Idempotent. */
export async function removePodNetwork(uid: string): Promise<void> {
  const name = namespaceOf(uid);
  await quietly(() => ip([`link del ${deviceOf(uid)}`]), /Cannot find device/);
  if (existsSync(`${folder}/${name}`)) await quietly(() => ip([`netns del ${name}`]), /No such file or directory/);
}

async function quietly(work: () => Promise<unknown>, expected: RegExp): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!expected.test(String(error))) throw error;
  }
}

const namespaceOf = (uid: string): string => `pod-${uid}`;
/** Names of network devices have at most 15 characters. */
const deviceOf = (uid: string): string => `eni${createHash('sha256').update(uid).digest('hex').slice(0, 11)}`;

/** Locally administered, and not a group's. */
const newMac = (): string => ['02', ...[...randomBytes(5)].map((byte) => byte.toString(16).padStart(2, '0'))].join(':');

/** The names of network namespaces that pods have left, by the pods' uids. */
export function leftNetworks(): string[] {
  try {
    return readdirSync(folder).flatMap((name) => (name.startsWith('pod-') ? [name.slice('pod-'.length)] : []));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}
