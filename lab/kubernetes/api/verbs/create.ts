import { randomUUID } from 'node:crypto';
import { admitPod, randomSuffix } from '../admission/defaults-pod.ts';
import { applyDefaults } from '../admission/defaults.ts';
import { checkNamespace } from '../admission/namespaces.ts';
import { prepareForCreate } from '../admission/strategy.ts';
import { validate } from '../admission/validate.ts';
import type { Api, Call, Handler } from '../call.ts';
import { fromStored, toStored } from '../conversion.ts';
import { alreadyExists, internal, StatusError } from '../errors.ts';
import { objectAnswer } from '../http/forms.ts';
import { timestamp, type KubeObject } from '../object.ts';
import { groupVersion } from '../resources.ts';
import { keyOf } from '../storage/keys.ts';
import { readWriteOptions } from './options.ts';
import { kindOf, matchPath, readTyped } from './read-object.ts';

/** How often a generated name that is taken is made anew. */
const generateTries = 8;

export const create: Handler = async (api, call) => {
  const options = readWriteOptions(call.query, 'CreateOptions');
  const object = readTyped(call, ...kindOf(call.resource));
  matchPath(call, object);
  return objectAnswer(call, 201, await createObject(api, call, object, options.dryRun));
};

/**
 * Makes an object, through all that stands between a request and the store.
 *
 * @throws StatusError for whatever is wrong with it
 */
export async function createObject(
  api: Api,
  call: Pick<Call, 'resource' | 'namespace'>,
  wanted: KubeObject,
  dryRun: boolean,
): Promise<KubeObject> {
  const { resource } = call;
  if (wanted.metadata.resourceVersion) throw internal('resourceVersion should not be set on objects to be created');
  const object = structuredClone(wanted);
  const { metadata } = object;
  if (!metadata.name && metadata.generateName) metadata.name = metadata.generateName.slice(0, 58) + randomSuffix();
  await checkNamespace(api.store, call, metadata.name);
  metadata.uid = randomUUID();
  metadata.creationTimestamp = timestamp();
  for (const key of ['resourceVersion', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink'] as const) {
    delete (metadata as unknown as Record<string, unknown>)[key];
  }
  prepareForCreate(resource, object);
  applyDefaults(resource, object);
  if (groupVersion(resource) === 'v1' && resource.kind === 'Pod' && object['spec']) {
    admitPod(object, { tolerationSeconds: api.options.timing?.defaultTolerationSeconds ?? 300 });
  }
  validate(resource, object);
  if (groupVersion(resource) === 'v1' && resource.kind === 'Service') api.addresses.assign(object);
  if (dryRun) {
    if (api.store.caches.of(resource).get(keyOf(resource, metadata.namespace, metadata.name))) throw alreadyExists(resource, metadata.name);
    return object;
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return fromStored(resource, await api.store.create(resource, toStored(resource, object)));
    } catch (error) {
      const taken = error instanceof StatusError && error.status.reason === 'AlreadyExists';
      if (!taken || wanted.metadata.name || attempt >= generateTries) throw error;
      metadata.name = metadata.generateName!.slice(0, 58) + randomSuffix();
    }
  }
}
