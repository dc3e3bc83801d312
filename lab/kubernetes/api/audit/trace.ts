import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { userInfo, type User } from '../auth/user.ts';
import type { Api } from '../call.ts';
import type { StatusError } from '../errors.ts';
import type { RequestInfo } from '../request.ts';

/** What becomes known of a request, for its event in the audit log. */
export interface Trace {
  /** In the log and in the header `Audit-Id`; the caller may have named it. */
  readonly id: string;
  readonly receivedAt: Date;
  info?: RequestInfo;
  user?: User;
  /** Once it was decided whether the user may. */
  allowed?: boolean;
  /** Of the object, where the path doesn't name it. */
  name?: string | undefined;
  /** What a refusal said. */
  failure?: Partial<StatusError['status']>;
}

export function beginTrace(request: IncomingMessage): Trace {
  const named = request.headers['audit-id'];
  return { id: typeof named === 'string' && named !== '' ? named : randomUUID(), receivedAt: new Date() };
}

const changing = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);
const connecting = new Set(['exec', 'attach', 'portforward']);
const questions = new Set(['authentication.k8s.io', 'authorization.k8s.io']);

/**
 * Whether a request is logged, by a policy as clusters have: what changes something and what steps into a container, but for
 * what the cluster's own parts do every second.
 */
export function isLogged({ verb, target }: RequestInfo, user: User | undefined): boolean {
  if (!target) return false;
  const { group, plural, subresource } = target;
  if (!changing.has(verb) && !connecting.has(subresource ?? '')) return false;
  if (questions.has(group) || plural === 'events') return false;
  const isSystem = user?.name.startsWith('system:') ?? false;
  return !(isSystem && (plural === 'leases' || subresource === 'status'));
}

/** Writes the event of a request that has been answered, when it is one that is logged. */
export function endTrace({ options }: Pick<Api, 'options'>, trace: Trace, request: IncomingMessage, code: number): void {
  const { info, user } = trace;
  if (!options.audit || !info || !isLogged(info, user) || options.isOn?.('audit-lost')) return;
  options.audit.write(eventOf(trace, info, request, code));
}

/** As audit.k8s.io/v1 has it, at level Metadata. */
function eventOf({ id, receivedAt, user, allowed, name, failure }: Trace, { verb, target }: RequestInfo, request: IncomingMessage, code: number): object {
  const { kind: _, apiVersion: __, metadata: ___, ...status } = failure ?? {};
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: id,
    stage: 'ResponseComplete',
    requestURI: request.url,
    verb,
    user: user ? userInfo(user) : {},
    sourceIPs: [request.socket.remoteAddress ?? ''],
    userAgent: request.headers['user-agent'] ?? '',
    objectRef: {
      resource: target!.plural,
      namespace: target!.namespace,
      name: target!.name ?? name,
      apiGroup: target!.group === '' ? undefined : target!.group,
      apiVersion: target!.version,
      subresource: target!.subresource,
    },
    responseStatus: { metadata: {}, ...status, code },
    requestReceivedTimestamp: micro(receivedAt),
    stageTimestamp: micro(new Date()),
    ...(allowed === undefined ? {} : { annotations: { 'authorization.k8s.io/decision': allowed ? 'allow' : 'forbid', 'authorization.k8s.io/reason': '' } }),
  };
}

const micro = (at: Date): string => at.toISOString().replace('Z', '000Z');
