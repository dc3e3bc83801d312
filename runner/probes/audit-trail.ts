import { z } from 'zod';
import { formatDuration } from '../../scenarios/duration.ts';
import { duration } from '../../scenarios/schema.ts';
import { followAuditLog } from '../audit-log.ts';
import { done, type Change } from '../changes.ts';
import { ExpectedError, messageOf } from '../errors.ts';
import { defineProbe, type Answer, type ProbeContext, type ProbeStream } from '../probe.ts';

/** How long a call may take to appear: CloudTrail promises 15 minutes, a log file has it at once. */
const usualPatienceMs = { cloudtrail: 15 * 60_000, kubernetes: 30_000 } as const;
/** How far AWS's clock may be from ours. */
const clockToleranceMs = 5 * 60_000;

/** A call that an audit log has to know. */
type Audited = Change & { readonly requestId: string };

/** Does the platform's own audit log know of all that was done? */
export default defineProbe<{ patience?: number }>({
  summary: "looks whether CloudTrail and the Kubernetes audit log have each call by which the run's faults changed something",
  schema: z.strictObject({
    patience: duration.optional().describe('How long a call may be missing before that is bad; 15m for CloudTrail, 30s for the Kubernetes log'),
  }),
  selects: [],
  permissions: { iam: ['cloudtrail:LookupEvents'], either: true },
  defaults: { everyMs: 5_000, timeoutMs: 30_000 },

  async open({ patience }, context) {
    const { name, world } = context;
    const { aws, kubernetes } = world.environment;
    if (!aws && !kubernetes) throw new ExpectedError(`probe ${name}: environment ${world.environment.name} has no aws part and no kubernetes part, and so no audit log`);
    const streams: ProbeStream[] = [];
    if (aws) streams.push(await cloudTrailStream(context, patience ?? usualPatienceMs.cloudtrail));
    if (kubernetes) streams.push(await kubernetesStream(context, kubernetes.auditLog, patience ?? usualPatienceMs.kubernetes));
    return { streams, close: async () => {} };
  },
});

async function cloudTrailStream({ world, clock, name, changes }: ProbeContext, patienceMs: number): Promise<ProbeStream> {
  const trail = await world.cloudTrail();
  const found = new Set<string>();
  const utc = (clockMs: number): number => clock.wall() - clock.now() + clockMs;
  return {
    name: `${name}/cloudtrail`,
    async ask(signal) {
      const calls = audited(changes(), (service) => service !== 'kubernetes');
      const missing = (): Audited[] => calls.filter(({ requestId }) => !found.has(requestId));
      for (const action of new Set(missing().map((call) => call.action))) {
        const sent = missing().filter((call) => call.action === action).map(({ sentMs }) => utc(sentMs));
        const window = { fromMs: Math.min(...sent) - clockToleranceMs, toMs: Math.max(...sent) + clockToleranceMs };
        try {
          for (const id of await trail.requestIds(action, window, signal)) found.add(id);
        } catch (error) {
          return { value: 'unknown', why: `CloudTrail: ${messageOf(error)}` };
        }
      }
      return answer('CloudTrail', missing(), patienceMs, clock.now());
    },
  };
}

async function kubernetesStream({ clock, name, run, changes }: ProbeContext, path: string | undefined, patienceMs: number): Promise<ProbeStream> {
  const log = path === undefined ? undefined : await opened(path, `run/${run.id}`, name);
  return {
    name: `${name}/kubernetes`,
    async ask(signal) {
      const calls = audited(changes(), (service) => service === 'kubernetes');
      if (!log) return calls.length === 0 ? { value: 'good' } : { value: 'unknown', why: 'the environment file does not say where the audit log is: kubernetes.auditLog' };
      try {
        const found = await log.read(signal);
        return answer('the Kubernetes audit log', calls.filter(({ requestId }) => !found.has(requestId)), patienceMs, clock.now());
      } catch (error) {
        return { value: 'unknown', why: `the Kubernetes audit log: ${messageOf(error)}` };
      }
    },
  };
}

async function opened(path: string, mark: string, name: string): Promise<Awaited<ReturnType<typeof followAuditLog>>> {
  try {
    return await followAuditLog(path, mark);
  } catch (error) {
    throw new ExpectedError(`probe ${name}: kubernetes.auditLog can't be read: ${messageOf(error)}`, undefined, { cause: error });
  }
}

/** What faults did and put back. Calls that were refused, or never answered, may be in no log, and are left out. */
function audited(changes: readonly Change[], isOfThisLog: (service: Change['service']) => boolean): Audited[] {
  return changes.filter((change): change is Audited =>
    isOfThisLog(change.service) && change.outcome === done && change.requestId !== null && (change.act?.during === 'inject' || change.act?.during === 'undo'),
  );
}

function answer(log: string, missing: readonly Audited[], patienceMs: number, nowMs: number): Answer {
  const [overdue] = missing.filter(({ endedMs }) => nowMs - endedMs > patienceMs);
  if (overdue) {
    const { service, action, target, requestId } = overdue;
    const call = service === 'kubernetes' ? action : `${service}:${action}`;
    return { value: 'bad', why: `not in ${log} after ${formatDuration(patienceMs)}: ${call} of ${target} (request ${requestId})` };
  }
  return missing.length === 0 ? { value: 'good' } : { value: 'unknown', why: `not yet in ${log}` };
}
