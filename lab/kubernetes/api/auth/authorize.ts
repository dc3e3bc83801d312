import type { Api } from '../call.ts';
import { forbidden, StatusError } from '../errors.ts';
import type { RequestInfo, ResourceTarget } from '../request.ts';
import type { User } from './user.ts';

/** Whether a user may do what a request asks for. @throws StatusError 403 */
export function authorize({ authorizer }: Pick<Api, 'authorizer'>, user: User, { target, verb, path }: RequestInfo): void {
  if (!target) {
    if (authorizer.decide(user, { verb, path }).allowed) return;
    throw new StatusError(403, 'Forbidden', `forbidden: User "${user.name}" cannot ${verb} path "${path}"`, {});
  }
  const { group, plural, namespace, name, subresource } = target;
  const wanted = {
    verb,
    group,
    resource: plural,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
  if (authorizer.decide(user, wanted).allowed) return;
  const resource = subresource === undefined ? plural : `${plural}/${subresource}`;
  const why = `User "${user.name}" cannot ${verb} resource "${resource}" in API group "${group}" ${scopeOf(target)}`;
  throw forbidden({ group, plural }, name, why);
}

function scopeOf({ namespace, plural }: ResourceTarget): string {
  return namespace === undefined || plural === 'namespaces' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
}
