import type { Call } from '../call.ts';
import { badRequest } from '../errors.ts';
import { readObject } from '../http/body.ts';
import type { KubeObject, Loose } from '../object.ts';
import { groupVersion, type Resource } from '../resources.ts';
import { conform, DecodingError } from '../schema/conform.ts';
import { typeOfKind } from '../schema/types.ts';

type Body = Pick<Call, 'body' | 'contentType' | 'query' | 'warn'>;

/**
 * Reads the object that a request brings and makes sure that it is of the resource's kind; kind and apiVersion may be left out.
 * Fields that the type hasn't are dropped, told or refused, as `fieldValidation` says.
 *
 * @throws StatusError 400, 415
 */
export function readTyped(call: Body, kind: string, apiVersion: string): KubeObject {
  const { object, unknown } = decoded(readObject(call.contentType, call.body, kind), kind, apiVersion);
  if (unknown.length > 0) tellUnknown(call, unknown, kind, apiVersion);
  return object;
}

/** @throws StatusError 400 with `fieldValidation=Strict` */
export function tellUnknown({ query, warn }: Pick<Body, 'query' | 'warn'>, unknown: readonly string[], kind: string, apiVersion: string): void {
  const mode = query.get('fieldValidation') || 'Warn';
  const problems = unknown.map((path) => `unknown field "${path}"`);
  if (mode === 'Strict') throw cannotBeHandled(kind, apiVersion, `strict decoding error: ${problems.join(', ')}`);
  if (mode === 'Warn') problems.forEach((problem) => warn(problem));
}

function cannotBeHandled(kind: string, apiVersion: string, why: string) {
  return badRequest(`${kind} in version "${apiVersion.split('/').at(-1)}" cannot be handled as a ${kind}: ${why}`);
}

/** Reads JSON as an object of a kind. @throws StatusError 400 */
export function decoded(json: Loose, kind: string, apiVersion: string): { object: KubeObject; unknown: readonly string[] } {
  const given = json as Partial<KubeObject>;
  if (given.apiVersion && given.apiVersion !== apiVersion) {
    throw badRequest(
      `${kind} in version "${given.apiVersion}" cannot be handled as a ${kind}: no kind "${kind}" is registered for version ` +
        `"${given.apiVersion}" in scheme "pkg/runtime/scheme.go:111"`,
    );
  }
  // The fields tell first that it is of another kind, and the name of the kind only then.
  const { object, unknown } = conformed(given, given.kind || kind, kind, apiVersion);
  if (given.kind && given.kind !== kind) throw cannotBeHandled(given.kind, apiVersion, `no kind "${given.kind}" is registered here`);
  return { object: { ...object, kind, apiVersion, metadata: object.metadata ?? {} }, unknown };
}

function conformed(json: Loose, kindInMessage: string, kind: string, apiVersion: string) {
  const type = typeOfKind(`${apiVersion}/${kindInMessage}`) ?? typeOfKind(`${apiVersion}/${kind}`);
  if (type === undefined) return { object: json, unknown: [] };
  try {
    return conform(json, type);
  } catch (error) {
    if (!(error instanceof DecodingError)) throw error;
    const version = apiVersion.split('/').at(-1);
    throw badRequest(`${kindInMessage} in version "${version}" cannot be handled as a ${kind}: ${error.message}`);
  }
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
