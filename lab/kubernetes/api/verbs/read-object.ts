import type { Call } from '../call.ts';
import { badRequest } from '../errors.ts';
import { readObject } from '../http/body.ts';
import type { KubeObject, Loose } from '../object.ts';
import { groupVersion, type Resource } from '../resources.ts';

/**
 * Reads the object that a request brings and makes sure that it is of the resource's kind; kind and apiVersion may be left out.
 *
 * @throws StatusError 400, 415
 */
export function readTyped(call: Pick<Call, 'body' | 'contentType'>, kind: string, apiVersion: string): KubeObject {
  const object = readObject(call.contentType, call.body, kind);
  return typed(object, kind, apiVersion);
}

export function typed(object: Loose, kind: string, apiVersion: string): KubeObject {
  const given = object as Partial<KubeObject>;
  const version = apiVersion.split('/').at(-1)!;
  if (given.kind !== undefined && given.kind !== '' && given.kind !== kind) {
    const found = `no kind "${given.kind}" is registered for the internal version of group`;
    throw badRequest(`${given.kind} in version "${version}" cannot be handled as a ${kind}: ${found} "${apiVersion.split('/')[0]}"`);
  }
  if (given.apiVersion !== undefined && given.apiVersion !== '' && given.apiVersion !== apiVersion) {
    throw badRequest(
      `${kind} in version "${given.apiVersion}" cannot be handled as a ${kind}: no kind "${kind}" is registered for version ` +
        `"${given.apiVersion}" in scheme "pkg/runtime/scheme.go:111"`,
    );
  }
  const metadata = given.metadata ?? {};
  if (typeof metadata !== 'object' || Array.isArray(metadata)) {
    throw badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: json: cannot unmarshal into Go struct field .metadata`);
  }
  for (const [key, value] of Object.entries(metadata)) if (value === null) delete (metadata as Loose)[key];
  return { ...given, kind, apiVersion, metadata } as KubeObject;
}

/** The object's name and namespace have to be those of the path. @throws StatusError 400 */
export function matchPath(call: Pick<Call, 'name' | 'namespace' | 'resource'>, object: KubeObject): void {
  const { metadata } = object;
  if (call.name !== undefined) {
    if (metadata.name && metadata.name !== call.name) {
      throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${call.name})`);
    }
    metadata.name = call.name;
  }
  if (!call.resource.namespaced) return void delete metadata.namespace;
  if (metadata.namespace && call.namespace !== undefined && metadata.namespace !== call.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (call.namespace === undefined) throw badRequest('an empty namespace may not be set during creation');
  metadata.namespace = call.namespace;
}

export function kindOf(resource: Resource): [kind: string, apiVersion: string] {
  return [resource.kind, groupVersion(resource)];
}
