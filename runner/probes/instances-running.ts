import { z } from 'zod';
import { ExpectedError, messageOf } from '../errors.ts';
import { namesOf } from '../etcd-voters.ts';
import { defineProbe, type Answer } from '../probe.ts';
import { shortName } from '../roles.ts';
import { describeSelect, matchInstances } from '../select.ts';

/** Is there a running machine for every name that had one when the run began? */
export default defineProbe({
  summary: 'looks whether as many EC2 instances of each name run as when the run began; replacements count',
  schema: z.strictObject({}),
  selects: ['role', 'zone', 'notZone', 'tags', 'names'],
  permissions: { iam: ['ec2:DescribeInstances'] },
  defaults: { everyMs: 500, timeoutMs: 5000 },

  async open(spec, { name, platform, hit, world }) {
    const select = spec.select ?? {};
    if (!platform) throw new ExpectedError(`probe ${name}: environment ${world.environment.name} has no aws part, and this needs AWS`);
    const first = platform.latest() ?? { instances: [] };
    const wanted = countByName(matchInstances({ ...nothing, instances: first.instances }, select).map((instance) => instance.name));
    if (wanted.size === 0) throw new ExpectedError(`probe ${name}: select ${describeSelect(select)} matches no running instance`);

    const ask = async (signal: AbortSignal): Promise<Answer> => {
      let instances: typeof first.instances;
      try {
        ({ instances } = await platform.next(signal));
      } catch (error) {
        return { value: 'unknown', why: `AWS: ${messageOf(error)}` };
      }
      const doomed = new Set(hit().flatMap((target) => (target.survives ? [] : [target.id])));
      const running = countByName(instances.filter(({ id, state }) => state === 'running' && !doomed.has(id)).map((instance) => instance.name));
      const missing = [...wanted].filter(([one, count]) => (running.get(one) ?? 0) < count).map(([one]) => shortName(one));
      return missing.length === 0 ? { value: 'good' } : { value: 'bad', why: `not running: ${namesOf(missing)}` };
    };
    return { streams: [{ name, ask }], close: async () => {} };
  },
});

const nothing = { groups: [], volumes: [], etcd: undefined };

function countByName(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
