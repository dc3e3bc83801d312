import type { z } from 'zod';
import type { FaultSpec } from '../scenarios/schema.ts';
import type { Clock } from './clock.ts';
import type { Environment } from './environment.ts';
import type { Inventory } from './inventory.ts';
import type { Rng } from './rng.ts';
import type { World } from './world.ts';

/** One thing that a fault hits. */
export interface Target {
  readonly kind: 'instance' | 'pod' | 'node' | 'workload';
  /** What people call it: for an instance the `Name` tag's first label, such as `peer-3`; else its name in Kubernetes. */
  readonly name: string;
  /** Of an instance the whole host name, where its `Name` is one: many may share the first label. */
  readonly host?: string;
  /** `i-…` for an instance, else its uid in Kubernetes. */
  readonly id: string;
  /** `''` where it is in none, or in several. */
  readonly zone: string;
  readonly roles: readonly string[];
  readonly group: string | undefined;
  /** The id of the etcd member it hosts. */
  readonly etcdMember: string | undefined;
  /** The namespace of a pod or a workload. */
  readonly namespace?: string;
  /** Of a pod, what keeps it alive, such as `deployment/web`; of a workload, itself. */
  readonly workload?: string;
  /** The Kubernetes node: of a pod the one that it is on, of an instance the one that it is. */
  readonly node?: string;
  /** Of a workload: how many of its pods are taken away. */
  readonly takes?: number;
  /** It lives through the fault (it is cut off, or loses its disk): the same instance is there afterwards. */
  readonly survives?: true;
}

/** What one fault would do now. Plain data: it goes into the journal as it is. */
export interface FaultPlan {
  readonly targets: readonly Target[];
  /** In one sentence, what will be done to them, and what is expected to heal it. */
  readonly says: string;
  /**
   * All that {@link Fault.undo} needs, originals included, or null for a kill. Written to disk before the injection, so
   * plain data too.
   */
  readonly undo: UndoRecord | null;
  /** How long the injection may take besides the usual time, where it has to wait for somebody's leave; milliseconds. */
  readonly waitsMs?: number;
  /** What the injection has to know besides the targets; left out where the undo record says it. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Those of the targets that no selection means, but that stand in the way; allowed by role in the drill's limits. */
  readonly bystanders?: readonly Target[];
  /** The names of the Auto Scaling Groups that it changes, besides those of its targets. */
  readonly groups?: readonly string[];
  /** Reasons, found by the fault itself, why this must not be done (a volume that would die with its instance, …). */
  readonly objections: readonly string[];
}

export type UndoRecord = Readonly<Record<string, unknown>>;

/** What is at hand while planning. Nothing in it changes the platform unless `world` is asked to. */
export interface PlanContext {
  readonly inventory: Inventory;
  readonly rng: Rng;
  readonly world: World;
}

/** What is at hand while breaking and mending. */
export interface FaultContext {
  readonly world: World;
  readonly clock: Clock;
  readonly run: { readonly id: string; readonly drill: string };
  /** Aborted when the deadline of this injection or undo is over. */
  readonly signal: AbortSignal;
  /** Says what is waited for, or that nothing is any more: what a human reads when the time is over. */
  awaits?(what: string | undefined): void;
  /** A line for the journal. */
  note(text: string): void;
  /** These of the targets were not hit after all (a budget forbade it, they were gone): they count as untouched from now on. */
  spare(ids: readonly string[]): void;
}

/** What is at hand while breaking, besides: what is broken is marked with it. */
export interface InjectContext extends FaultContext {
  /** The fault's kind, such as `zone-partition`. */
  readonly kind: string;
}

/** A thing on the platform that was found by the marks of one fault of one run. */
export interface MarkedThing {
  /** As EC2 calls it (`network-acl`), `auto-scaling-group`, or the resource in Kubernetes (`pods`). */
  readonly type: string;
  /** Its id in EC2, the group's name, or its uid in Kubernetes. */
  readonly id: string;
  /** Its name in Kubernetes; elsewhere the same as `id`. */
  readonly name: string;
  readonly namespace?: string | undefined;
  /** What the fault wrote down about it when it marked it. */
  readonly left: unknown;
}

/**
 * A way to break something. One file in `runner/faults/` each, its default export; the file's name is the kind.
 * `P` is what the kind adds to a drill's fault (see `schema`).
 */
export interface Fault<P extends object = object> {
  /** One sentence for people who choose a fault. */
  readonly summary: string;
  /** The keys that this kind adds to those that all faults have. */
  readonly schema: z.ZodObject;
  /** The keys of `select` that make sense for it; a drill that uses others is refused as it is loaded. */
  readonly selects: readonly string[];
  /** What the harness must be allowed to do for injection *and* undo. */
  readonly permissions: Permissions;
  /** What the inventory has to hold for it besides AWS and etcd. */
  readonly needs?: readonly 'kubernetes'[];
  /**
   * Finds the targets in the live inventory. Touches nothing.
   *
   * @throws ExpectedError when the selection matches nothing
   */
  plan(spec: FaultSpec & P, context: PlanContext): Promise<FaultPlan>;
  /** Breaks what was planned. When it throws, part of it may have happened: undo runs all the same. */
  inject(plan: FaultPlan, context: InjectContext): Promise<void>;
  /**
   * Puts back what the record says, then looks whether it is back. Idempotent. Faults that are kills have none.
   *
   * @returns what was done, in a sentence
   * @throws when it could not be put back: the message says what a human must do
   */
  undo?(record: UndoRecord, context: FaultContext): Promise<string>;
  /**
   * Makes the undo record again from what carries the marks of one fault of one run, for when the journal is lost. Pure.
   * Every fault that has an undo has this, so what the record holds must have been written into the marks before the change.
   *
   * @throws when the marks don't say it: a newer version's, or edited
   */
  fromMarks?(fault: string, things: readonly MarkedThing[]): UndoRecord;
  /** The commands by which a human puts back what the record says, for when {@link undo} could not. */
  byHand?(record: UndoRecord, environment: Environment, run: FaultContext['run']): readonly string[];
}

/** What a kind must be allowed to do. */
export interface Permissions {
  /** IAM actions, such as `ec2:DescribeInstances`. */
  readonly iam: readonly string[];
  /** Rules as in a Role or ClusterRole. */
  readonly rbac?: readonly RbacRule[];
  /** It works with either platform: that which the environment names is enough. */
  readonly either?: true;
}

export interface RbacRule {
  /** `''` is the core group. */
  readonly apiGroups: readonly string[];
  /** In plural, with their subresources: `pods`, `pods/eviction`. */
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** Enough in the namespaces that a drill touches; false: in the whole cluster. */
  readonly namespaced: boolean;
}

/** Helps a fault's file to be checked against the contract while its own parameters stay typed. */
export function defineFault<P extends object>(fault: Fault<P>): Fault<P> {
  return fault;
}
