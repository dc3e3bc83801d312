import { z } from 'zod';
import type { EtcdMemberClient } from '../clients/etcd.ts';
import { knock } from '../clients/knock.ts';
import { withDeadline } from '../clock.ts';
import { ExpectedError } from '../errors.ts';
import { namesOf } from '../etcd-voters.ts';
import { defineProbe, type Answer } from '../probe.ts';

/** Does every member take new connections? Those that are open may outlive what shuts new ones out. */
export default defineProbe({
  summary: "opens a new TCP connection to every etcd endpoint's client port; good when all are taken",
  schema: z.strictObject({}),
  selects: [],
  permissions: { iam: [] },
  defaults: { everyMs: 500, timeoutMs: 1000 },

  async open(_spec, { world, clock, name, timeoutMs, milestone }) {
    if (!world.environment.etcd) throw new ExpectedError(`probe ${name}: environment ${world.environment.name} has no etcd part`);
    const [{ members }, dns] = await Promise.all([world.etcd(), world.dns()]);
    const isOpen = async ({ host, port }: EtcdMemberClient): Promise<boolean> => {
      try {
        // A little sooner than the question itself ends, so that the reason can say who was silent.
        await withDeadline(clock, timeoutMs * 0.9, 'connection', async (signal) => {
          const [address] = await dns.addresses(host, signal);
          if (address === undefined) throw new Error('no address');
          await knock(address, port, signal);
        });
        return true;
      } catch {
        // Refused, silent, without an address: all the same to who wants to connect.
        return false;
      }
    };
    /** What each door was, and when the question was asked that showed it so last. */
    const known = new Map<string, { state: 'open' | 'closed'; askedMs: number }>();
    const knockAt = async (member: EtcdMemberClient): Promise<boolean> => {
      const askedMs = clock.now();
      const taken = await isOpen(member);
      const state = taken ? 'open' : 'closed';
      const before = known.get(member.name);
      // Questions may overlap: one that was asked sooner tells nothing new.
      if (before && askedMs < before.askedMs) return taken;
      if (before?.state !== state) milestone({ facet: 'door', subject: member.name, state, notYet: before?.askedMs ?? null, seen: clock.now(), source: 'tcp' });
      known.set(member.name, { state, askedMs });
      return taken;
    };
    const ask = async (): Promise<Answer> => {
      const open = await Promise.all(members.map(knockAt));
      const closed = members.filter((_, index) => !open[index]).map((member) => member.name);
      return closed.length === 0 ? { value: 'good' } : { value: 'bad', why: `no new connection to ${namesOf(closed)}` };
    };
    return { streams: [{ name, ask }], close: async () => {} };
  },
});
