import type { Api, Call, Handler } from '../call.ts';
import { invalid } from '../errors.ts';
import { timestamp, type Loose } from '../object.ts';
import { groupVersion } from '../resources.ts';
import { kindOf, readTyped } from '../verbs/read-object.ts';
import type { Attributes, PolicyRule } from './rbac.ts';
import { userInfo, type User } from './user.ts';

// Resources that are questions: what is posted comes back with a status.

export const selfSubjectAccessReview: Handler = async (api, call) => accessReview(api, call, () => call.user);

export const subjectAccessReview: Handler = async (api, call) =>
  accessReview(api, call, (spec) => ({
    name: spec.user ?? '',
    ...(spec.uid ? { uid: spec.uid } : {}),
    groups: spec.groups ?? [],
  }));

async function accessReview({ authorizer }: Api, call: Call, userOf: (spec: Loose) => User) {
  const review = readTyped(call, ...kindOf(call.resource));
  const spec: Loose = review['spec'] ?? {};
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
  if ((resource === undefined) === (path === undefined)) {
    const message = 'Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified';
    throw invalid('', call.resource.group, '', [{ reason: 'FieldValueInvalid', field: 'spec.resourceAttributes', message }]);
  }
  const wanted: Attributes = path
    ? { verb: path.verb ?? '', path: path.path ?? '' }
    : {
        verb: resource.verb ?? '',
        group: resource.group ?? '',
        resource: resource.resource ?? '',
        ...(resource.subresource ? { subresource: resource.subresource } : {}),
        ...(resource.namespace ? { namespace: resource.namespace } : {}),
        ...(resource.name ? { name: resource.name } : {}),
      };
  const { allowed, reason } = authorizer.decide(userOf(spec), wanted);
  return answer(call, review.metadata, { spec, status: { allowed, ...(reason === undefined ? {} : { reason }) } });
}

export const selfSubjectRulesReview: Handler = async ({ authorizer }, call) => {
  const review = readTyped(call, ...kindOf(call.resource));
  const rules = authorizer.rulesFor(call.user, (review['spec'])?.namespace ?? '');
  const ofResources = rules.filter(({ nonResourceURLs }) => nonResourceURLs === undefined);
  const ofPaths = rules.filter(({ nonResourceURLs }) => nonResourceURLs !== undefined);
  return answer(call, review.metadata, {
    spec: {},
    status: { resourceRules: ofResources.map(inOrder), nonResourceRules: ofPaths.map(inOrder), incomplete: false },
  });
};

function inOrder({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): object {
  return {
    verbs,
    ...(apiGroups ? { apiGroups } : {}),
    ...(resources ? { resources } : {}),
    ...(resourceNames ? { resourceNames } : {}),
    ...(nonResourceURLs ? { nonResourceURLs } : {}),
  };
}

export const tokenReview: Handler = async ({ tokens }, call) => {
  const review = readTyped(call, ...kindOf(call.resource));
  const spec: Loose = review['spec'] ?? {};
  const user = tokens.userOf(spec.token ?? '');
  const status = user
    ? { authenticated: true, user: userInfo(user), audiences: ['https://kubernetes.default.svc'] }
    : { user: {}, error: 'invalid bearer token' };
  return answer(call, review.metadata, { spec, status });
};

export const selfSubjectReview: Handler = async (_api, call) => {
  readTyped(call, ...kindOf(call.resource));
  return answer(call, { creationTimestamp: timestamp() }, { status: { userInfo: userInfo(call.user) } });
};

function answer({ resource }: Call, metadata: object, rest: object) {
  return { code: 201, body: { kind: resource.kind, apiVersion: groupVersion(resource), metadata, ...rest } };
}
