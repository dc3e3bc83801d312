import { badRequest } from './errors.ts';

/** What a request is about, read from its method and path. */
export interface RequestInfo {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`; for other paths the method in lower case. */
  readonly verb: string;
  /** Undefined for paths such as `/healthz` and `/apis`. */
  readonly target: ResourceTarget | undefined;
}

export interface ResourceTarget {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  /** What stands behind the subresource, as in `…/proxy/some/path`. */
  readonly rest: string;
}

/** What stands below a namespace's name and is a subresource of it, not a resource in it. */
const ofNamespaces = new Set(['status', 'finalize']);

/** Reads a request's line. @throws StatusError 400 for a path that isn't one */
export function readRequest(method: string, url: string): RequestInfo {
  const query = new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?') + 1) : '');
  const path = url.split('?', 1)[0]!;
  const parts = path.split('/').filter((part) => part !== '').map(decodePart);
  const target = targetOf(parts);
  if (!target) return { method, path, query, verb: method.toLowerCase(), target: undefined };
  const { watching, ...found } = target;
  const verb = verbOf(method, found.name !== undefined, watching || isTrue(query.get('watch')));
  return { method, path, query, verb, target: found };
}

function targetOf(parts: string[]): (ResourceTarget & { watching: boolean }) | undefined {
  let group = '';
  let rest: string[];
  if (parts[0] === 'api' && parts.length >= 3) rest = parts.slice(1);
  else if (parts[0] === 'apis' && parts.length >= 4) {
    group = parts[1]!;
    rest = parts.slice(2);
  } else return undefined;
  const version = rest.shift()!;
  // The old form of a watch, `/api/v1/watch/pods`.
  const watching = rest[0] === 'watch' && rest.length > 1;
  if (watching) rest.shift();
  let namespace: string | undefined;
  if (rest[0] === 'namespaces' && rest.length >= 3 && !(group === '' && ofNamespaces.has(rest[2]!) && rest.length === 3)) {
    namespace = rest[1]!;
    rest = rest.slice(2);
  }
  const [plural = '', name, subresource, ...more] = rest;
  if (plural === 'namespaces' && namespace === undefined && name !== undefined) namespace = name;
  return { group, version, plural, namespace, name, subresource, rest: more.join('/'), watching };
}

function verbOf(method: string, hasName: boolean, watch: boolean): string {
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (watch) return 'watch';
      return hasName ? 'get' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return hasName ? 'delete' : 'deletecollection';
    default:
      return method.toLowerCase();
  }
}

/** Any value but `0` and `false` counts as true. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    throw badRequest(`invalid path: ${error instanceof Error ? error.message : String(error)}`);
  }
}
