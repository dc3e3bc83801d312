/**
 * The main program of a worker machine: the kubelet. It asks the metadata service who it is, and EC2 for its network
 * interface.
 */
import { createClient } from './client/index.ts';
import { followSwitches } from './switches.ts';
import { instanceMetadata as metadata } from '../instance-metadata.ts';
import { serveKubelet } from './kubelet/server.ts';
import { startKubelet } from './kubelet/index.ts';
import { pause } from './kubelet/pause.ts';
import { apiUrl, clusterTimings, kubeletPort } from './names.ts';
import { readSecrets } from './secrets.ts';
import { allTexts, apiVersions, firstText, query, type QueryApi } from '../query.ts';

// Loaded and compiled for the machines, which is all that was asked for.
if (process.argv[2] === '--check') process.exit(0);

const timing = clusterTimings[process.argv[2] === 'aws' ? 'aws' : 'fast'];
const log = (line: string): void => void process.stdout.write(`kubelet: ${line}\n`);
const secrets = readSecrets();

/** Repeats until it works: a machine boots before the network it needs is whole. */
async function patiently<T>(what: string, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      log(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      await pause(500);
    }
  }
}

const [instanceId, address, hostname, zone, region, instanceType] = await patiently('metadata', () =>
  Promise.all(['instance-id', 'local-ipv4', 'local-hostname', 'placement/availability-zone', 'placement/region', 'instance-type'].map(metadata)),
);
const ec2: QueryApi = { endpoint: `http://ec2.${region}.amazonaws.com`, service: 'ec2', version: apiVersions.ec2, region: region! };
const card = await patiently('network interface', () =>
  query(ec2, 'DescribeNetworkInterfaces', { 'Filter.1.Name': 'attachment.instance-id', 'Filter.1.Value.1': instanceId! }),
);
const node = {
  name: hostname!,
  instanceId: instanceId!,
  instanceType: instanceType!,
  zone: zone!,
  region: region!,
  address: address!,
  interfaceId: firstText(card, 'networkInterfaceId') ?? '',
};
const connection = { server: apiUrl, token: secrets.tokens.kubelet, ca: secrets.ca, userAgent: `kubelet/${node.name}` };
const switches = followSwitches(log);
const kubelet = await startKubelet({
  client: createClient(connection),
  impatientClient: createClient({ ...connection, timeoutMs: timing.leaseDurationSeconds * 500 }),
  ec2,
  node,
  secondaryAddresses: [...new Set(allTexts(card, 'privateIpAddress'))].filter((each) => each !== address),
  timing,
  cgroup: process.argv[3] ?? 'firedrill',
  sabotage: switches,
  log,
});
await serveKubelet(kubelet, { host: '0.0.0.0', port: kubeletPort, tls: { key: secrets.serverKey, cert: secrets.serverCertificate }, log });
