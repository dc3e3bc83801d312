import { isDeepStrictEqual } from 'node:util';
import type { Condition, Pod, ResourceRequirements } from '../objects.ts';
import { podRequests, readQuantity, sumRequests } from '../quantity.ts';
import type { RunningContainer } from './container/index.ts';
import { containersOf, initContainersOf } from './spec.ts';

/** What a pod has of its node, which may be less or more than its spec asks for by now. */
export interface PodResize {
  /** What a container of the pod is given, whether it has started or not. */
  allocated(container: string): ResourceRequirements;
  /** Gives the containers what the newest spec asks for, where that can be. @returns whether its status is another one now */
  look(pod: Pod): boolean;
  /** What a status says of it; nothing when all is done. */
  conditions(): Pick<Condition, 'type' | 'status' | 'reason' | 'message'>[];
}

export interface PodResizeOptions {
  readonly first: Pod;
  /** What the node has for pods. */
  readonly allocatable: Readonly<Record<string, string>>;
  /** The other pods of the node. */
  readonly neighbours: () => readonly Pod[];
  readonly containers: ReadonlyMap<string, RunningContainer>;
}

interface Refusal {
  /** `Deferred` waits for room; `Infeasible` for another spec. */
  readonly reason: 'Deferred' | 'Infeasible';
  readonly message: string;
}

type Resources = ReadonlyMap<string, ResourceRequirements>;

export function createPodResize({ first, allocatable, neighbours, containers }: PodResizeOptions): PodResize {
  let allocated: Resources = resourcesOf(first);
  let pending: Refusal | undefined;
  let failure: string | undefined;

  /** All that is changed, or nothing of it. */
  function refusal(wanted: Resources, pod: Pod): Refusal | undefined {
    for (const [name, resources] of wanted) {
      const obstacle = containers.get(name)?.obstacleTo(resources);
      if (obstacle !== undefined) return { reason: 'Infeasible', message: obstacle };
    }
    const own = podRequests(pod.spec);
    const had = podRequests({ ...pod.spec, containers: pod.spec.containers.map((each) => ({ ...each, resources: allocated.get(each.name) ?? {} })) });
    const taken = sumRequests(neighbours());
    for (const name of ['cpu', 'memory']) {
      const [asks, has] = [own[name] ?? 0, readQuantity(allocatable[name])];
      if (asks <= (had[name] ?? 0)) continue;
      const used = taken[name] ?? 0;
      const [requested, capacity] = [`requested: ${whole(name, asks)}`, `capacity: ${whole(name, has)}`];
      if (asks > has) return { reason: 'Infeasible', message: `Node didn't have enough capacity: ${name}, ${requested}, ${capacity}` };
      if (asks + used > has) return { reason: 'Deferred', message: `Node didn't have enough resource: ${name}, ${requested}, used: ${whole(name, used)}, ${capacity}` };
    }
    return undefined;
  }

  /** Whether a container is held to something else than what it is given. */
  function lags(): boolean {
    return [...containers].some(([name, { view }]) => view.resources !== undefined && !isDeepStrictEqual(view.resources, allocated.get(name) ?? {}));
  }

  function actuate(): void {
    failure = undefined;
    for (const [name, resources] of allocated) {
      try {
        containers.get(name)?.resize(resources);
      } catch (error) {
        failure = error instanceof Error ? error.message : String(error);
      }
    }
  }

  return {
    allocated: (container) => allocated.get(container) ?? {},
    look(pod) {
      const wanted = resourcesOf(pod);
      const isNew = !isDeepStrictEqual(wanted, allocated);
      const wasUnderWay = pending !== undefined || lags();
      pending = isNew ? refusal(wanted, pod) : undefined;
      if (isNew && !pending) allocated = wanted;
      if (isNew || lags()) actuate();
      return isNew || wasUnderWay;
    },
    conditions() {
      return [
        ...(pending ? [{ type: 'PodResizePending', status: 'True' as const, ...pending }] : []),
        ...(lags() ? [{ type: 'PodResizeInProgress', status: 'True' as const, ...(failure === undefined ? {} : { reason: 'Error', message: failure }) }] : []),
      ];
    },
  };
}

const resourcesOf = (pod: Pod): Resources => new Map([...initContainersOf(pod), ...containersOf(pod)].map(({ name, resources = {} }) => [name, resources]));

/** As kubelets count: cores in thousandths, memory in bytes. */
const whole = (name: string, value: number): number => Math.round(name === 'cpu' ? value * 1000 : value);
