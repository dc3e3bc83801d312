import { selfSubjectAccessReview, selfSubjectReview, selfSubjectRulesReview, subjectAccessReview, tokenReview } from './auth/reviews.ts';
import type { Handler } from './call.ts';
import { methodNotAllowed, noSuchResource } from './errors.ts';
import type { Resource } from './resources.ts';
import { binding } from './subresources/binding.ts';
import { connectWithoutUpgrade } from './subresources/connect.ts';
import { eviction } from './subresources/eviction.ts';
import { finalize } from './subresources/finalize.ts';
import { log } from './subresources/log.ts';
import { scale } from './subresources/scale.ts';
import { token } from './subresources/token.ts';
import { create } from './verbs/create.ts';
import { removeCollection } from './verbs/delete-collection.ts';
import { remove } from './verbs/delete.ts';
import { get } from './verbs/get.ts';
import { list } from './verbs/list.ts';
import { patch } from './verbs/patch.ts';
import { update } from './verbs/update.ts';
import { watch } from './verbs/watch.ts';

const verbs: Readonly<Record<string, Handler>> = {
  get,
  list,
  watch,
  create,
  update,
  patch,
  delete: remove,
  deletecollection: removeCollection,
};

/** Resources that are answered and not kept. */
const questions: Readonly<Record<string, Handler>> = {
  bindings: binding,
  selfsubjectaccessreviews: selfSubjectAccessReview,
  localsubjectaccessreviews: subjectAccessReview,
  subjectaccessreviews: subjectAccessReview,
  selfsubjectrulesreviews: selfSubjectRulesReview,
  selfsubjectreviews: selfSubjectReview,
  tokenreviews: tokenReview,
};

const subresources: Readonly<Record<string, Handler>> = {
  scale,
  binding,
  eviction,
  token,
  finalize,
  log,
  exec: connectWithoutUpgrade,
  attach: connectWithoutUpgrade,
  portforward: connectWithoutUpgrade,
};

/** Subresources that are the object itself, with another right to change it. */
const viewsOfTheObject = new Set(['status', 'ephemeralcontainers', 'resize']);

/**
 * Finds what answers a verb on a resource or on one of its subresources.
 *
 * @throws StatusError 404 for a subresource that isn't there, 405 for a verb that isn't
 */
export function route(resource: Resource, subresource: string | undefined, verb: string, hasName: boolean): Handler {
  if (subresource === undefined) {
    if (!resource.verbs.includes(verb) || (verb === 'create' && hasName) || (verb === 'update' && !hasName) || (verb === 'patch' && !hasName)) {
      throw methodNotAllowed();
    }
    return resource.storage === '' ? questions[resource.plural]! : verbs[verb]!;
  }
  const found = resource.subresources.find(({ name }) => name === subresource);
  if (!found) throw noSuchResource();
  const handler = viewsOfTheObject.has(subresource) ? verbs[verb] : subresources[subresource];
  if (!found.verbs.includes(verb) || !handler) throw methodNotAllowed();
  return handler;
}
