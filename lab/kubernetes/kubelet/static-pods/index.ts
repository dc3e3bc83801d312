/**
 * Static pods: those that a kubelet runs because a file on its machine says so. They need no API. Once there is one, each has
 * a picture in it, its mirror pod.
 */
import { keyOf } from '../../client/index.ts';
import type { Pod } from '../../objects.ts';
import { staticPodPath } from '../../static-pod-marks.ts';
import type { KubeletContext } from '../context.ts';
import { startPodWorker, type PodWorker } from '../pod-worker.ts';
import { graceOf } from '../spec.ts';
import { followManifests } from './manifest-folder.ts';

export { isMirrorOf, keepMirrors } from './mirrors.ts';

export interface StaticPods {
  /** The one of this key, `namespace/name`, that runs or is ending. */
  running(key: string): Pod | undefined;
  keys(): string[];
}

export interface StaticPodOptions {
  readonly context: KubeletContext;
  /** The workers of all pods of this kubelet, by uid: those of static pods are put into it. */
  readonly workers: Map<string, PodWorker>;
  /** A static pod of this key has come or gone. */
  readonly changed: (key: string) => void;
}

/** Runs the pods that the manifest folder asks for, from now on. */
export function startStaticPods({ context, workers, changed }: StaticPodOptions): StaticPods {
  let wanted = new Map<string, Pod>();
  const running = new Map<string, PodWorker>();

  /** A pod whose manifest has changed is another one, which starts when the one before has ended. */
  function adjust(): void {
    for (const [key, worker] of running) {
      if (wanted.get(key)?.metadata.uid !== worker.pod.metadata.uid) worker.terminate(graceOf(worker.pod));
    }
    for (const [key, pod] of wanted) if (!running.has(key)) begin(key, pod);
  }

  function begin(key: string, pod: Pod): void {
    const uid = pod.metadata.uid!;
    const worker = startPodWorker(context, pod);
    running.set(key, worker);
    workers.set(uid, worker);
    changed(key);
    worker.ended
      .then(() => {
        running.delete(key);
        workers.delete(uid);
        adjust();
        changed(key);
      })
      .catch((error: unknown) => context.log(String(error)));
  }

  const following = followManifests({
    folder: staticPodPath,
    node: context.node.name,
    changed(pods) {
      // Of two that have the same name, the file that comes last is left out.
      wanted = new Map(pods.toReversed().map((pod) => [keyOf(pod), pod]));
      adjust();
    },
    signal: new AbortController().signal,
    log: context.log,
  });
  following.catch((error: unknown) => context.log(`static pods: ${error instanceof Error ? error.message : String(error)}`));
  return { running: (key) => running.get(key)?.pod, keys: () => [...running.keys()] };
}
