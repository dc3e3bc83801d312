/** Ways in which the specimen can be made wrong while it runs: linkerd and the services that call one another through it. */
export const specimenSabotages = {
  'mesh-no-retries': 'linkerd sends no request twice',
  'mesh-stale-endpoints': "linkerd's watches of endpoints stay open and fall silent",
  'mesh-crash-on-empty-endpoints': 'linkerd does not start while there is a service without endpoints; one that runs stays up',
  'gateway-single-replica': 'the API gateway has one replica',
} as const;

export type SpecimenSabotage = keyof typeof specimenSabotages;

/** Ways in which the lab's Kubernetes can be made wrong while it runs. */
export const kubernetesSabotages = {
  'no-reschedule': 'pods that replace others are never scheduled: they stay Pending',
  'slow-start': 'containers are reported ready half a minute late',
  'stuck-terminating': 'pods that are deleted get a finalizer that nobody removes',
  'stale-watch': 'watches stay open and fall silent',
  ...specimenSabotages,
} as const;

export type KubernetesSabotage = keyof typeof kubernetesSabotages;

/** Those that live in parts of the lab's own which aren't there where the masters run a Kubernetes release, and in which. */
export const sabotagedParts: Readonly<Partial<Record<string, string>>> = {
  'no-reschedule': 'scheduler',
  'stuck-terminating': 'controllers',
  'stale-watch': 'API server',
  'mesh-stale-endpoints': 'API server',
} satisfies Partial<Record<KubernetesSabotage, string>>;
