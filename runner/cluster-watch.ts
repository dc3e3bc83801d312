/** The collections that can be watched, by the API's names for them. */
export type CollectionName = 'pods' | 'nodes' | 'deployments' | 'replicasets' | 'statefulsets' | 'daemonsets' | 'endpointslices';

/** What is watched: all of a collection, or what a selector leaves of it. */
export interface WatchScope<C extends CollectionName = CollectionName> {
  readonly collection: C;
  /** All namespaces when left out. */
  readonly namespace?: string | undefined;
  /** As the API writes it: `app=web,tier!=db`. */
  readonly labelSelector?: string | undefined;
}

/** What is kept of every object. */
export interface WatchedObject {
  readonly uid: string;
  readonly name: string;
  /** `''` for what belongs to no namespace. */
  readonly namespace: string;
  /** Its resourceVersion. */
  readonly version: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface WatchedPod extends WatchedObject {
  /** Undefined until it is scheduled. */
  readonly node: string | undefined;
  /** What keeps it alive: `deployment/web`, `daemonset/agent`; undefined when nothing does. */
  readonly workload: string | undefined;
  /** `Pending`, `Running`, `Succeeded`, `Failed`, `Unknown`. */
  readonly phase: string;
  /** Each of its containers has run. */
  readonly started: boolean;
  readonly ready: boolean;
  /** It is being deleted. */
  readonly terminating: boolean;
}

export interface WatchedNode extends WatchedObject {
  readonly zone: string;
  /** `i-…` on AWS. */
  readonly instanceId: string | undefined;
  /** Its InternalIP; left out where it has none. */
  readonly address?: string;
  /** False for `Unknown`, too. */
  readonly ready: boolean;
  readonly terminating: boolean;
}

/** A Deployment, ReplicaSet, StatefulSet or DaemonSet. */
export interface WatchedWorkload extends WatchedObject {
  /** `deployment/web` */
  readonly ref: string;
  readonly desired: number;
  /** Pods of its newest version. */
  readonly updated: number;
  /** Pods of whatever version that are not about to end. */
  readonly all: number;
  readonly ready: number;
  readonly available: number;
  /** Its controller has seen the newest version of it, so that the numbers are about that. */
  readonly observed: boolean;
  /** The labels of the pods that it makes. */
  readonly podLabels: Readonly<Record<string, string>>;
}

/** Some of the addresses of a Service. */
export interface WatchedSlice extends WatchedObject {
  /** The Service's name. */
  readonly service: string | undefined;
  readonly endpoints: readonly Endpoint[];
}

export interface Endpoint {
  readonly address: string;
  readonly podUid: string | undefined;
  readonly node: string | undefined;
  readonly ready: boolean;
}

/** What each collection holds. */
export interface WatchedObjects {
  readonly pods: WatchedPod;
  readonly nodes: WatchedNode;
  readonly deployments: WatchedWorkload;
  readonly replicasets: WatchedWorkload;
  readonly statefulsets: WatchedWorkload;
  readonly daemonsets: WatchedWorkload;
  readonly endpointslices: WatchedSlice;
}

/** Something appeared, changed or went away. Times are those of the clock, in milliseconds. */
export interface Change<T> {
  /** Undefined when it is new. */
  readonly before: T | undefined;
  /** Undefined when it has gone. */
  readonly after: T | undefined;
  /** The last moment at which it is known not to have happened yet. */
  readonly notYetMs: number;
  /** When it arrived. */
  readonly seenMs: number;
  /** A watch told, that was known to be whole. Otherwise the change was found after a gap, with others perhaps. */
  readonly live: boolean;
}

/** A collection as it is, kept up to date. Whoever asks for the same scope shares it. */
export interface WatchedCollection<T extends WatchedObject> {
  /** By uid. */
  readonly items: ReadonlyMap<string, T>;
  /** Why `items` may be out of date; undefined while they are known to be true. */
  doubt(): string | undefined;
  /**
   * Resolves as soon as `items` are known to be true.
   *
   * @throws the signal's reason when they aren't before it aborts
   */
  settled(signal: AbortSignal): Promise<void>;
  /** Calls `listener` for each change, once `items` have it. Returns a function that ends it. */
  onChange(listener: (change: Change<T>) => void): () => void;
}

/** All watches of a run on the Kubernetes API. */
export interface ClusterWatch {
  /**
   * Lists and follows what the scope means, unless somebody does already.
   *
   * @throws ExpectedError when the API refuses it, or can't be reached
   */
  open<C extends CollectionName>(scope: WatchScope<C>): Promise<WatchedCollection<WatchedObjects[C]>>;
  /**
   * Lists it once.
   *
   * @throws ExpectedError likewise
   */
  list<C extends CollectionName>(scope: WatchScope<C>): Promise<readonly WatchedObjects[C][]>;
  close(): Promise<void>;
}
