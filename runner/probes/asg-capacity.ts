import { z } from 'zod';
import { ExpectedError, messageOf } from '../errors.ts';
import { namesOf } from '../etcd-voters.ts';
import { matchGroups } from '../group-selection.ts';
import type { Group } from '../inventory.ts';
import type { PlatformView } from '../platform-watch.ts';
import { defineProbe, type Answer } from '../probe.ts';
import { shortName } from '../roles.ts';
import { describeSelect } from '../select.ts';
import type { Select } from '../../scenarios/select.ts';

/** Does every group have what it should, of instances that are really there? */
export default defineProbe({
  summary: 'looks whether each Auto Scaling Group has as many healthy, running instances as it wants',
  schema: z.strictObject({}),
  selects: ['role', 'zone', 'notZone', 'tags', 'names'],
  permissions: { iam: ['autoscaling:DescribeAutoScalingGroups', 'ec2:DescribeInstances'] },
  defaults: { everyMs: 500, timeoutMs: 5000 },

  async open(spec, { name, platform, hit, world }) {
    const select: Select = spec.select ?? {};
    if (!platform) throw new ExpectedError(`probe ${name}: environment ${world.environment.name} has no aws part, and this needs AWS`);
    const first = platform.latest();
    if (first && matchGroups(first.groups, select).length === 0) {
      const all = first.groups.map((group) => shortName(group.name));
      throw new ExpectedError(
        `probe ${name}: select ${describeSelect(select)} matches none of the Auto Scaling Groups there are: ${namesOf(all) || '(none)'}`,
      );
    }
    const ask = async (signal: AbortSignal): Promise<Answer> => {
      let view: PlatformView;
      try {
        view = await platform.next(signal);
      } catch (error) {
        return { value: 'unknown', why: `AWS: ${messageOf(error)}` };
      }
      const groups = matchGroups(view.groups, select);
      if (groups.length === 0) return { value: 'bad', why: `no group matches ${describeSelect(select)} any more` };
      const doomed = new Set(hit().flatMap((target) => (target.survives ? [] : [target.id])));
      const missing = groups.flatMap((group) => {
        const there = countThere(group, view, doomed);
        return there >= group.desired ? [] : [`${shortName(group.name)}: ${there} of ${group.desired}`];
      });
      return missing.length === 0 ? { value: 'good' } : { value: 'bad', why: namesOf(missing) };
    };
    return { streams: [{ name, ask }], close: async () => {} };
  },
});

/** What the group counts is not enough: for a while it counts the dead. */
function countThere(group: Group, { instances }: PlatformView, doomed: ReadonlySet<string>): number {
  const running = new Set(instances.filter(({ state }) => state === 'running').map(({ id }) => id));
  return group.members.filter(
    ({ instanceId, lifecycle, healthy }) =>
      lifecycle === 'InService' && healthy && running.has(instanceId) && !doomed.has(instanceId),
  ).length;
}
