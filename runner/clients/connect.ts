import { changeFeed } from '../changes.ts';
import type { Clock } from '../clock.ts';
import type { Environment } from '../environment.ts';
import { ExpectedError } from '../errors.ts';
import type { Mask } from '../mask.ts';
import type { OwnPlace } from '../own-place.ts';
import type { World } from '../world.ts';
import { callPace } from './call-pace.ts';
import type { AwsEnvironment, AwsHooks } from './aws.ts';
import { lookupBy } from './http-lookup.ts';

export interface ConnectOptions {
  /** The run's id, for the user agent that audit logs show; left out by commands that belong to no run. */
  readonly run?: string | undefined;
  readonly version: string;
  readonly clock: Clock;
  /** Is told of the credentials that clients find or are given. */
  readonly mask: Mask;
  /** Where the harness itself stands, when it is a pod. */
  readonly ownPlace?: OwnPlace | undefined;
}

/** One line a while for each action that is throttled, not one for each request. */
const throttledEveryMs = 5000;

/** The platform that an environment file names. Nothing is loaded or dialled before it is asked for. */
export function connect(environment: Environment, { run, version, clock, mask, ownPlace }: ConnectOptions): World {
  const pace = callPace(clock);
  const agent: [string, string][] = [['firedrill', version], ...(run === undefined ? [] : [['run', run] as [string, string]])];
  const userAgent = agent.map((words) => words.join('/')).join(' ');
  const toldAtMs = new Map<string, number>();
  let tell: (text: string) => void = () => {};
  const changes = changeFeed();
  const hooks: AwsHooks = {
    userAgent: agent,
    turn: (action) => pace.turn(action),
    mask,
    throttled(action, code) {
      const nowMs = clock.now();
      if (nowMs - (toldAtMs.get(action) ?? -Infinity) < throttledEveryMs) return;
      toldAtMs.set(action, nowMs);
      tell(`AWS throttles ${action} (${code}): asking less often, so what it tells is seen later`);
    },
    changed: changes.tell,
    clock,
  };
  const aws = (): AwsEnvironment => {
    if (environment.aws) return environment.aws;
    throw new ExpectedError(`environment ${environment.name} has no aws part, and this needs AWS`);
  };
  const etcd = () => {
    if (environment.etcd) return environment.etcd;
    throw new ExpectedError(`environment ${environment.name} has no etcd part, and this needs etcd`);
  };
  const kubernetes = () => {
    if (environment.kubernetes) return environment.kubernetes;
    throw new ExpectedError(`environment ${environment.name} has no kubernetes part, and this needs Kubernetes`);
  };
  const traffic = () => {
    if (environment.traffic) return environment.traffic;
    throw new ExpectedError(`environment ${environment.name} has no traffic part, and this sends requests`);
  };
  const prometheus = () => {
    if (environment.prometheus) return environment.prometheus;
    throw new ExpectedError(`environment ${environment.name} has no prometheus part, and this asks Prometheus`);
  };
  const dns = once(async () => (await import('./dns.ts')).connectDns(environment.dns?.server));
  const closers: (() => Promise<void>)[] = [];
  const closing = <T extends { close(): void | Promise<void> }>(make: () => Promise<T>): (() => Promise<T>) =>
    once(async () => {
      const client = await make();
      closers.push(async () => {
        await client.close();
      });
      return client;
    });
  return {
    environment,
    mask,
    ownPlace,
    calls: pace,
    onThrottled(listener) {
      tell = listener;
    },
    onChange: changes.listen,
    ec2: closing(async () => (await import('./ec2.ts')).connectEc2(aws(), hooks)),
    autoScaling: closing(async () => (await import('./auto-scaling.ts')).connectAutoScaling(aws(), hooks)),
    cloudTrail: closing(async () => (await import('./cloudtrail.ts')).connectCloudTrail(aws(), hooks)),
    sts: closing(async () => (await import('./sts.ts')).connectSts(aws(), hooks)),
    etcd: closing(async () => (await import('./etcd.ts')).connectEtcd(etcd(), { dns: await dns(), clock, userAgent, mask })),
    kubernetes: closing(async () => (await import('./kubernetes.ts')).connectKubernetes(kubernetes(), { userAgent, clock, mask, changed: changes.tell })),
    dns,
    http: once(async () => (await import('./http.ts')).connectHttp(traffic(), { dns: await dns(), clock, userAgent })),
    prometheus: closing(async () => (await import('./prometheus.ts')).connectPrometheus(prometheus(), { lookup: lookupBy(await dns(), clock), userAgent })),
    async close() {
      await Promise.all(closers.splice(0).map((close) => close()));
    },
  };
}

/** Makes it when it is first asked for; who asks later gets the same. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
