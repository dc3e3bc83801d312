import { z } from 'zod';
import { ExpectedError, messageOf } from '../errors.ts';
import { namesOf } from '../etcd-voters.ts';
import type { Volume } from '../inventory.ts';
import { defineProbe, type Answer } from '../probe.ts';
import { shortName } from '../roles.ts';
import { describeSelect, matchInstances } from '../select.ts';
import { dataVolumes } from '../termination.ts';

/** Is every data volume attached to a machine that runs? */
export default defineProbe({
  summary: 'looks whether the data volumes that the selected EC2 instances had when the run began are attached to a running one',
  schema: z.strictObject({}),
  selects: ['role', 'zone', 'notZone', 'tags', 'names'],
  permissions: { iam: ['ec2:DescribeInstances', 'ec2:DescribeVolumes'] },
  defaults: { everyMs: 1000, timeoutMs: 5000 },

  async open(spec, { name, platform, hit, world }) {
    const select = spec.select ?? {};
    if (!platform) throw new ExpectedError(`probe ${name}: environment ${world.environment.name} has no aws part, and this needs AWS`);
    const instances = platform.latest()?.instances ?? [];
    const selected = matchInstances({ instances, groups: [], volumes: [], etcd: undefined }, select);
    const ownerOf = new Map(selected.flatMap((instance) => dataVolumes(instance).map(({ id }) => [id, shortName(instance.name)])));
    if (ownerOf.size === 0) throw new ExpectedError(`probe ${name}: select ${describeSelect(select)} matches no running instance with a data volume`);

    const ask = async (signal: AbortSignal): Promise<Answer> => {
      let volumes: readonly Volume[];
      let running: ReadonlySet<string>;
      try {
        const [seen, view] = await Promise.all([platform.nextVolumes(signal), platform.next(signal)]);
        volumes = seen;
        running = new Set(view.instances.filter(({ state }) => state === 'running').map(({ id }) => id));
      } catch (error) {
        return { value: 'unknown', why: `AWS: ${messageOf(error)}` };
      }
      const doomed = new Set(hit().flatMap((target) => (target.survives ? [] : [target.id])));
      const isAttached = (id: string): boolean => {
        const attachment = volumes.find((volume) => volume.id === id)?.attachment;
        return attachment?.state === 'attached' && running.has(attachment.instanceId) && !doomed.has(attachment.instanceId);
      };
      const loose = [...ownerOf].filter(([id]) => !isAttached(id)).map(([, owner]) => owner);
      return loose.length === 0 ? { value: 'good' } : { value: 'bad', why: `not attached: that of ${namesOf(loose)}` };
    };
    return { streams: [{ name, ask }], close: async () => {} };
  },
});
