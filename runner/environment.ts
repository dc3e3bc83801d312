import { z } from 'zod';
import { rate } from '../scenarios/values.ts';
import { calendarShape } from '../scenarios/calendar.ts';
import { limitsSchema } from '../scenarios/schema.ts';
import { leashShape } from './leash.ts';
import { notifySchema } from './notify/settings.ts';
import { telemetrySchema } from './telemetry/settings.ts';
import { trafficSchema } from './traffic/leash.ts';

/** In place of a kubeconfig: what a pod is given by its service account. */
export const inCluster = 'in-cluster';

const tagPatterns = z.record(z.string(), z.string().min(1));

/** The environment file: which platform this is, and what firedrill may do there. */
export const environmentSchema = z.strictObject({
  name: z.string().min(1),
  /** Production and the like: refuses to run, unless its name is typed. */
  protected: z.boolean().default(false),
  ...calendarShape,
  ...leashShape,
  aws: z
    .strictObject({
      region: z.string().min(1),
      /** Twelve digits; checked before anything is touched. */
      accountId: z.string().regex(/^\d{12}$/, { error: 'give the twelve digits of the account, in quotes' }),
      /** A profile of the AWS configuration files; the SDK's default chain when left out. */
      profile: z.string().min(1).optional(),
      /** In place of AWS's own endpoints, for all services. */
      endpoint: z.url().optional(),
      credentials: z
        .strictObject({ accessKeyId: z.string().min(1), secretAccessKey: z.string().min(1), sessionToken: z.string().optional() })
        .optional(),
    })
    .optional(),
  etcd: z
    .strictObject({
      endpoints: z.array(z.url()).min(1),
      /** As `etcdctl endpoint status` prints it, hexadecimal; checked before anything is touched. */
      clusterId: z.string().regex(/^[0-9a-f]{1,16}$/, { error: 'give the hexadecimal id that etcdctl prints' }),
      /** The keys under which probes write. */
      prefix: z.string().min(1).default('firedrill/'),
      /** The most operations that probes etcd-consistency may do together, such as `100/s`; 200/s when left out. */
      maxRate: rate.optional(),
      tls: z.strictObject({ ca: z.string().optional(), cert: z.string().optional(), key: z.string().optional() }).optional(),
      username: z.string().optional(),
      password: z.string().optional(),
    })
    .optional(),
  kubernetes: z
    .strictObject({
      /** Relative to the environment file; `~/` is the home folder; `in-cluster` in a pod, for its service account. */
      kubeconfig: z.string().min(1),
      /** The kubeconfig's own current context is never used: it changes behind one's back. */
      context: z.string().min(1),
      /** The uid of namespace kube-system, which names the cluster; checked before anything is touched. */
      clusterUid: z.string().min(1).optional(),
      /**
       * The API servers' audit log: its file, or the folder that it and those put aside lie in. Relative to the environment
       * file; `~/` is the home folder. Probe `audit-trail` reads it: there is no API for it.
       */
      auditLog: z.string().min(1).optional(),
      /** Where drills may hit pods; everywhere when left out. */
      namespaces: z.array(z.string().min(1)).optional(),
    })
    .optional(),
  /** What `select.role` means here: the tags by which the instances and groups of a role are known, `*` allowed. */
  roles: z.record(z.string(), tagPatterns).default({}),
  /** The resolver that the platform's machines ask; the system's own when left out. */
  dns: z.strictObject({ server: z.string().min(1) }).optional(),
  prometheus: z
    .strictObject({
      /** Its address, without `/api/v1`. */
      url: z.url({ protocol: /^https?$/ }),
      /** What it wants to see of whoever asks: sent as `authorization: Bearer`. */
      token: z.string().regex(/^[\w.~+/-]+=*$/, { error: 'give a bearer token: letters, digits and -._~+/, then perhaps =' }).optional(),
    })
    .optional(),
  /** Who is told that a run starts, is aborted, and how it was judged; nobody when left out. */
  notify: notifySchema.optional(),
  /** Where each run is sent as a trace and metrics; left out, the standard variables of OpenTelemetry tell. */
  opentelemetry: telemetrySchema.optional(),
  /** Whom drills may send requests to, and how many; none when left out. */
  traffic: trafficSchema.optional(),
  /** Caps on what any drill may do here; a drill's own limits can only be tighter. */
  limits: limitsSchema.omit({ quorumLoss: true, bystanders: true, namespaces: true }).default({}),
  /** The longest that anything which has to be undone may stay broken. A drill that wants longer is refused. */
  maxFaultMinutes: z.number().positive().optional(),
  /** Where the watchdog of a run is: a process beside it when left out. A Job needs a Lease as the lock, by which it knows that the run lives. */
  watchdog: z
    .strictObject({
      job: z.strictObject({
        namespace: z.string().min(1),
        image: z.string().min(1),
        /** Whose rights it has: those that the drills' undos need, and Leases and Secrets in this namespace. */
        serviceAccount: z.string().min(1),
      }),
    })
    .optional(),
  /** What keeps a second run out: a file, or a Lease of this Kubernetes; a file below the system's temporary folder when left out. */
  lock: z
    .strictObject({
      file: z.string().min(1).optional(),
      lease: z.strictObject({ namespace: z.string().min(1), name: z.string().min(1).default('firedrill') }).optional(),
    })
    .refine(({ file, lease }) => (file === undefined) !== (lease === undefined), { error: 'give file or lease, one of the two' })
    .optional(),
  /**
   * The platform's addresses exist only inside the namespaces of this process: the command line steps in before it does
   * anything. The start time (field 22 of /proc/<pid>/stat) tells this process from a later one with its number.
   */
  enter: z.strictObject({ pid: z.int().min(1), startTime: z.int().min(0) }).optional(),
}).refine(({ timeZone, windows, blackouts }) => timeZone !== undefined || (!windows && !blackouts), {
  path: ['timeZone'],
  error: 'windows and blackouts are told in it: give the name of a time zone, such as Europe/Berlin or UTC',
}).refine(({ kubernetes, optIn, deny }) => kubernetes !== undefined || (!optIn?.labels && !deny?.labels && !deny?.namespaces), {
  path: ['kubernetes'],
  error: 'labels and namespaces of optIn and deny are those of Kubernetes: give its kubeconfig and context',
});

export type Environment = z.output<typeof environmentSchema>;
