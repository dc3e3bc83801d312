import type { IncomingHttpHeaders } from 'node:http';
import type { Api } from '../call.ts';
import { forbidden } from '../errors.ts';
import type { Attributes } from './rbac.ts';
import type { User } from './user.ts';

/**
 * Who a request is made as: `kubectl --as` names another user, and whoever makes it needs the right to be them.
 *
 * @throws StatusError 403
 */
export function impersonated({ authorizer }: Pick<Api, 'authorizer'>, user: User, headers: IncomingHttpHeaders): User {
  const name = headers['impersonate-user'];
  if (typeof name !== 'string' || name === '') return user;
  const groups = listOf(headers['impersonate-group']);
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name);
  const needed: (Attributes & { resource: string; name: string })[] = [
    account
      ? { verb: 'impersonate', resource: 'serviceaccounts', namespace: account[1]!, name: account[2]! }
      : { verb: 'impersonate', resource: 'users', name },
    ...groups.map((group) => ({ verb: 'impersonate', resource: 'groups', name: group })),
  ];
  for (const wanted of needed) {
    if (authorizer.decide(user, wanted).allowed) continue;
    const where = wanted.namespace === undefined ? 'at the cluster scope' : `in the namespace "${wanted.namespace}"`;
    const why = `User "${user.name}" cannot impersonate resource "${wanted.resource}" in API group "" ${where}`;
    throw forbidden({ group: '', plural: wanted.resource }, wanted.name, why);
  }
  const ofAccount = account ? ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`] : [];
  return { name, groups: [...new Set([...groups, ...ofAccount, 'system:authenticated'])] };
}

/** Node joins headers that come more than once. */
function listOf(header: string | string[] | undefined): string[] {
  if (header === undefined) return [];
  return (Array.isArray(header) ? header : header.split(',')).map((group) => group.trim()).filter((group) => group !== '');
}
