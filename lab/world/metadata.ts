import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { MachineSpec } from '../hypervisor.ts';
import { switchesPath } from '../kubernetes/switches.ts';
import { metadataAddress, region } from '../names.ts';
import type { SabotageRegistry } from '../sabotage.ts';

/**
 * The instance metadata service: a machine asks it who it is, and is known by the address it asks from. Version 1 and
 * version 2; a session token is given to whoever wants one and asked of nobody.
 */
export async function serveMetadata(machineAt: (address: string) => MachineSpec | undefined, sabotage: SabotageRegistry): Promise<void> {
  const server = createServer((request, response) => {
    if (request.url === switchesPath) tellSwitches(response, sabotage);
    else answer(request, response, machineAt);
  });
  server.listen(80, metadataAddress);
  await once(server, 'listening');
}

/** What a real metadata service doesn't have: which sabotage is on, a line now and at each change, for as long as somebody listens. */
function tellSwitches(response: ServerResponse, sabotage: SabotageRegistry): void {
  const tell = (): void => void response.write(`${JSON.stringify(sabotage.list().flatMap(({ name, on }) => (on ? [name] : [])))}\n`);
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  tell();
  response.on('close', sabotage.onChange(tell));
}

function answer(request: IncomingMessage, response: ServerResponse, machineAt: (address: string) => MachineSpec | undefined): void {
  const reply = (status: number, text: string): void => {
    response.writeHead(status, { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(text) }).end(text);
  };
  const machine = machineAt(request.socket.remoteAddress ?? '');
  if (!machine) return reply(404, 'no instance has this address');
  const path = new URL(request.url ?? '/', 'http://metadata').pathname;
  if (path === '/latest/api/token' && request.method === 'PUT') return reply(200, `token-of-${machine.instanceId}`);
  if (request.method !== 'GET') return reply(405, 'only GET is allowed here');
  if (path === '/latest/user-data') return reply(200, machine.userData);
  const value = metadataOf(machine, decodeURIComponent(path.replace(/^\/latest\/meta-data\/?/, '').replace(/\/$/, '')));
  return value === undefined ? reply(404, `no such metadata: ${path}`) : reply(200, value);
}

function metadataOf(machine: MachineSpec, key: string): string | undefined {
  const values: Record<string, string> = {
    'instance-id': machine.instanceId,
    'instance-type': machine.instanceType,
    'local-ipv4': machine.address,
    'local-hostname': `ip-${machine.address.replaceAll('.', '-')}.${region}.compute.internal`,
    'placement/availability-zone': machine.zone,
    'placement/region': region,
    'tags/instance': Object.keys(machine.tags).join('\n'),
  };
  for (const [tag, value] of Object.entries(machine.tags)) values[`tags/instance/${tag}`] = value;
  if (key === '') return [...new Set(Object.keys(values).map((each) => each.split('/')[0]))].join('\n');
  return Object.hasOwn(values, key) ? values[key] : undefined;
}
