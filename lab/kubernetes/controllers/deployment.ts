import { isDeepStrictEqual } from 'node:util';
import { isAlreadyExists, isNotFound, keyOf } from '../client/index.ts';
import { controllerOf, isFinished } from '../pod-state.ts';
import { deployments, replicaSets, type Deployment, type DeploymentStatus, type ReplicaSet } from '../workload-objects.ts';
import { controllerQueue, type ControllerContext, type Running } from './context.ts';
import { draftReplicaSet, findNewReplicaSet, newReplicaSetAnnotations, nextRevision, revisionAnnotation, revisionOf, sizeAnnotations } from './deployment-revisions.ts';
import { decideCleanup, decideResize, decideRollingUpdate, newReplicaSetSize, rolloutBounds, wasResized, type Resize } from './deployment-rollout.ts';
import { deploymentStatus, isComplete, pauseCondition, setCondition, timeLeftMs, withProgress } from './deployment-status.ts';
import { claim, ownerReferenceTo } from './ownership.ts';
import { podInformer } from './pods.ts';
import { sameTemplate, templateHash } from './template-hash.ts';

/** Rolls templates out: a ReplicaSet for each, the new one growing as the old ones shrink. */
export function startDeploymentController(context: ControllerContext): Running {
  const { client, informers, now } = context;
  const events = context.events('deployment-controller');
  const deploymentInformer = informers.of(deployments);
  const replicaSetInformer = informers.of(replicaSets);
  replicaSetInformer.addIndex('namespace', ({ metadata }) => [metadata.namespace]);
  const podsInformer = podInformer(informers);

  const writeStatus = async (deployment: Deployment, status: DeploymentStatus): Promise<Deployment> => {
    if (isDeepStrictEqual(status, deployment.status)) return deployment;
    const written = await client.updateStatus(deployments, { ...deployment, status });
    deploymentInformer.absorb(written);
    return written;
  };

  /** Gives a ReplicaSet its size, and notes down what the Deployment wanted then. */
  const resize = async (deployment: Deployment, { replicaSet, to }: Resize): Promise<boolean> => {
    const from = replicaSet.spec.replicas ?? 1;
    const annotations = sizeAnnotations(deployment, rolloutBounds(deployment).maxSurge);
    const noted = Object.entries(annotations).every(([key, value]) => replicaSet.metadata.annotations?.[key] === value);
    if (from === to && noted) return false;
    const { name, namespace, resourceVersion } = replicaSet.metadata;
    const patch = { metadata: { resourceVersion, annotations }, ...(from === to ? {} : { spec: { replicas: to } }) };
    replicaSetInformer.absorb(await client.patch(replicaSets, { name, namespace }, 'merge', patch));
    if (from !== to) events.record(deployments, deployment, 'Normal', 'ScalingReplicaSet', `Scaled ${to > from ? 'up' : 'down'} replica set ${name} from ${from} to ${to}`);
    return from !== to;
  };

  /** Finds the ReplicaSet of the Deployment's template, and keeps its revision the highest. */
  const findNew = async (deployment: Deployment, all: readonly ReplicaSet[]): Promise<{ deployment: Deployment; newReplicaSet: ReplicaSet | undefined }> => {
    const found = findNewReplicaSet(deployment, all);
    if (!found) return { deployment, newReplicaSet: undefined };
    const revision = nextRevision(all.filter((replicaSet) => replicaSet !== found));
    const annotations = newReplicaSetAnnotations(deployment, found, revision);
    let newReplicaSet = found;
    if (!isDeepStrictEqual(annotations, found.metadata.annotations ?? {}) || found.spec.minReadySeconds !== deployment.spec.minReadySeconds) {
      const { name, namespace, resourceVersion } = found.metadata;
      const spec = { minReadySeconds: deployment.spec.minReadySeconds ?? null };
      newReplicaSet = await client.patch(replicaSets, { name, namespace }, 'merge', { metadata: { resourceVersion, annotations }, spec });
      replicaSetInformer.absorb(newReplicaSet);
    }
    const conditions = deployment.status?.conditions ?? [];
    let current = deployment;
    if (deployment.spec.progressDeadlineSeconds !== undefined && !conditions.some(({ type }) => type === 'Progressing')) {
      const condition = { type: 'Progressing', status: 'True', reason: 'FoundNewReplicaSet', message: `Found new replica set "${found.metadata.name}"` } as const;
      current = await writeStatus(deployment, { ...deployment.status, conditions: setCondition(conditions, condition, now()) });
    }
    return { deployment: await noteRevision(current, newReplicaSet), newReplicaSet };
  };

  const noteRevision = async (deployment: Deployment, newReplicaSet: ReplicaSet): Promise<Deployment> => {
    const revision = revisionOf(newReplicaSet);
    if (revisionOf(deployment) === revision) return deployment;
    const written = await client.patch(deployments, deployment.metadata, 'merge', { metadata: { annotations: revisionAnnotation(revision) } });
    deploymentInformer.absorb(written);
    return written;
  };

  const createNew = async (deployment: Deployment, old: readonly ReplicaSet[]): Promise<{ deployment: Deployment; newReplicaSet: ReplicaSet }> => {
    const draft = draftReplicaSet(deployment, templateHash(deployment.spec.template, deployment.status?.collisionCount));
    const replicas = newReplicaSetSize(deployment, undefined, old);
    const annotations = { ...newReplicaSetAnnotations(deployment, undefined, nextRevision(old)), ...sizeAnnotations(deployment, rolloutBounds(deployment).maxSurge) };
    let created: ReplicaSet;
    try {
      created = await client.create(replicaSets, {
        ...draft,
        metadata: { ...draft.metadata, annotations, ownerReferences: [ownerReferenceTo(deployments, deployment)] },
        spec: { ...draft.spec, replicas },
      });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      created = await takeExisting(deployment, draft.metadata.name, error);
    }
    replicaSetInformer.absorb(created);
    const { name } = created.metadata;
    if (replicas > 0) events.record(deployments, deployment, 'Normal', 'ScalingReplicaSet', `Scaled up replica set ${name} from 0 to ${replicas}`);
    let current = deployment;
    if (deployment.spec.progressDeadlineSeconds !== undefined) {
      const condition = { type: 'Progressing', status: 'True', reason: 'NewReplicaSetCreated', message: `Created new replica set "${name}"` } as const;
      current = await writeStatus(deployment, { ...deployment.status, conditions: setCondition(deployment.status?.conditions, condition, now()) });
    }
    return { deployment: await noteRevision(current, created), newReplicaSet: created };
  };

  /** The name is taken: by our own ReplicaSet, not seen yet, or by another template with the same hash. */
  const takeExisting = async (deployment: Deployment, name: string, error: unknown): Promise<ReplicaSet> => {
    const existing = await client.get(replicaSets, { name, namespace: deployment.metadata.namespace });
    const ours = controllerOf(existing)?.uid === deployment.metadata.uid && sameTemplate(existing.spec.template, deployment.spec.template);
    if (ours) return existing;
    await writeStatus(deployment, { ...deployment.status, collisionCount: (deployment.status?.collisionCount ?? 0) + 1 });
    throw error;
  };

  const rollOut = async (found: Deployment, all: readonly ReplicaSet[]): Promise<void> => {
    let { deployment, newReplicaSet } = await findNew(found, all);
    const old = all.filter(({ metadata }) => metadata.uid !== newReplicaSet?.metadata.uid);
    let resized = false;
    if (deployment.spec.strategy?.type === 'Recreate') {
      for (const replicaSet of old) if (await resize(deployment, { replicaSet, to: (replicaSet.spec.replicas ?? 1) > 0 ? 0 : (replicaSet.spec.replicas ?? 1) })) resized = true;
      const running = old.some(({ metadata }) => podsInformer.store.by('controller', metadata.uid!).some((pod) => !isFinished(pod)));
      if (!resized && !running) {
        if (!newReplicaSet) ({ deployment, newReplicaSet } = await createNew(deployment, old));
        else resized = await resize(deployment, { replicaSet: newReplicaSet, to: deployment.spec.replicas ?? 1 });
      }
    } else {
      if (!newReplicaSet) ({ deployment, newReplicaSet } = await createNew(deployment, old));
      for (const step of decideRollingUpdate(deployment, newReplicaSet, old)) if (await resize(deployment, step)) resized = true;
    }
    if (!resized && deployment.status && isComplete(deployment, deployment.status)) await cleanUp(deployment, old);
    const current = newReplicaSet ? [...old, newReplicaSet] : old;
    const status = withProgress(deployment, newReplicaSet, current, deploymentStatus(deployment, newReplicaSet, current, now()), now());
    const written = await writeStatus(deployment, status);
    const leftMs = timeLeftMs(written, now());
    if (leftMs !== undefined) queue.addAfter(keyOf(deployment), leftMs + 1000);
  };

  /** Sizes alone, for a Deployment that is paused or was resized. */
  const resizeAll = async (found: Deployment, all: readonly ReplicaSet[]): Promise<void> => {
    const { deployment, newReplicaSet } = await findNew(found, all);
    const old = all.filter(({ metadata }) => metadata.uid !== newReplicaSet?.metadata.uid);
    for (const step of decideResize(deployment, newReplicaSet, old)) await resize(deployment, step);
    if (deployment.spec.paused) await cleanUp(deployment, old);
    const current = newReplicaSet ? [...old, newReplicaSet] : old;
    await writeStatus(deployment, deploymentStatus(deployment, newReplicaSet, current, now()));
  };

  const cleanUp = async (deployment: Deployment, old: readonly ReplicaSet[]): Promise<void> => {
    for (const { metadata } of decideCleanup(deployment, old)) {
      await client.delete(replicaSets, metadata, { preconditions: { uid: metadata.uid } });
    }
  };

  const work = async (key: string): Promise<void> => {
    let deployment = deploymentInformer.store.get(key);
    if (!deployment) return;
    try {
      const all = await claim(context, deployments, deployment, deployment.spec.selector, replicaSets, replicaSetInformer);
      if (deployment.metadata.deletionTimestamp !== undefined) {
        await writeStatus(deployment, deploymentStatus(deployment, findNewReplicaSet(deployment, all), all, now()));
        return;
      }
      const pausing = pauseCondition(deployment);
      if (pausing) deployment = await writeStatus(deployment, { ...deployment.status, conditions: setCondition(deployment.status?.conditions, pausing, now()) });
      if (deployment.spec.paused || wasResized(deployment, all)) await resizeAll(deployment, all);
      else await rollOut(deployment, all);
    } catch (error) {
      // Deleted meanwhile: the watch will say so.
      if (!isNotFound(error)) throw error;
    }
  };

  const queue = controllerQueue(context, 'deployment', [deploymentInformer, replicaSetInformer, podsInformer], work);
  const wakeOwner = (replicaSet: ReplicaSet): void => {
    const controller = controllerOf(replicaSet);
    if (controller?.kind === 'Deployment') queue.add(`${replicaSet.metadata.namespace}/${controller.name}`);
  };
  deploymentInformer.on({ added: (object) => queue.add(keyOf(object)), changed: (object) => queue.add(keyOf(object)) });
  replicaSetInformer.on({ added: wakeOwner, changed: wakeOwner, deleted: wakeOwner });
  podsInformer.on({
    // Recreate waits for the last old pod to be gone.
    deleted(pod) {
      const owner = controllerOf(pod);
      const replicaSet = owner?.kind === 'ReplicaSet' ? replicaSetInformer.store.get(`${pod.metadata.namespace}/${owner.name}`) : undefined;
      if (replicaSet) wakeOwner(replicaSet);
    },
  });
  return queue;
}
