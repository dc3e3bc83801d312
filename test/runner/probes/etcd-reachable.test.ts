import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { realClock } from '../../../runner/clock.ts';
import etcdReachable from '../../../runner/probes/etcd-reachable.ts';
import { simulatedClock } from '../simulated-clock.ts';
import { sampleContext, sampleFleet } from './sample-fleet.ts';

describe('etcd-reachable', () => {
  it('is good while every endpoint takes a new connection, and names those that do not, when they changed as well', async () => {
    const servers: Server[] = [];
    for (let n = 0; n < 2; n += 1) {
      const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
      await once(server, 'listening');
      servers.push(server);
    }
    const fleet = sampleFleet(2, simulatedClock());
    const members = fleet.members.map((member, index) => ({ ...member, port: (servers[index]!.address() as AddressInfo).port }));
    const context = sampleContext(simulatedClock(), {});
    const world = { ...context.world, etcd: async () => ({ ...fleet, members }), dns: async () => ({ addresses: async () => ['127.0.0.1'] }) };
    const probe = await etcdReachable.open({ kind: 'etcd-reachable' }, { ...context, clock: realClock, world });
    const ask = () => probe.streams[0]!.ask(new AbortController().signal);
    assert.equal((await ask()).value, 'good');
    servers[1]!.close();
    await once(servers[1]!, 'close');
    assert.equal((await ask()).why, 'no new connection to peer-2');
    const told = context.milestones.map(({ facet, subject, state, notYet, seen }) => [facet, subject, state, notYet !== null && notYet <= seen]);
    assert.deepEqual(told, [['door', 'peer-1', 'open', false], ['door', 'peer-2', 'open', false], ['door', 'peer-2', 'closed', true]]);
    servers[0]!.close();
  });
});
