import { isNotFound, nodes as nodeResource } from '../client/index.ts';
import type { ControllerContext, Running } from './context.ts';
import { isNodeReady } from './node-health.ts';
import { startPeriodic } from './periodic.ts';

/** Deletes a node that is not ready when its machine does not exist any more, as the cloud says. */
export function startCloudNodeLifecycleController(context: ControllerContext): Running {
  const { client, cloud, informers, timing } = context;
  const events = context.events('cloud-node-lifecycle-controller');
  const nodeInformer = informers.of(nodeResource);
  return startPeriodic(context, 'cloud-node-lifecycle', timing.collectPeriodMs, [nodeInformer], async () => {
    for (const node of [...nodeInformer.store.values()]) {
      const { providerID } = node.spec;
      if (isNodeReady(node) || !providerID || node.metadata.deletionTimestamp !== undefined) continue;
      if ((await cloud.instanceState(providerID)) !== 'gone') continue;
      const { name, uid } = node.metadata;
      events.record(nodeResource, node, 'Normal', 'DeletingNode', `Deleting node ${name} because it does not exist in the cloud provider`);
      try {
        await client.delete(nodeResource, { name }, { preconditions: { uid } });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  });
}
