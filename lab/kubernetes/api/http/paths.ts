import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Api } from '../call.ts';
import { aggregatedDiscovery, apiGroup, apiGroupList, apiResourceList, apiVersions, hasGroup } from '../discovery.ts';
import { methodNotAllowed, noSuchResource } from '../errors.ts';
import { health, type HealthCheck } from '../health.ts';
import { openapi } from '../openapi/index.ts';
import type { RequestInfo } from '../request.ts';
import { resources } from '../resources.ts';
import { mediaRanges } from './accept.ts';
import type { Answer } from './respond.ts';

const healthPath = /^\/(healthz|livez|readyz)(?:\/([^/]+(?:\/[^/]+)*))?$/;

/** What the server says that it is; the same as the recordings'. */
export const version = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: 'v1.36.2',
  gitCommit: '0000000000000000000000000000000000000000',
  gitTreeState: 'clean',
  buildDate: '2026-01-01T00:00:00Z',
  goVersion: 'go1.26.11',
  compiler: 'gc',
  platform: 'linux/amd64',
};

export const nothingHere: Answer = { code: 404, body: '404 page not found\n' };

/** Answers what isn't about a resource: discovery, health, versions. @throws StatusError */
export async function answerPath(api: Api, info: RequestInfo, request: IncomingMessage): Promise<Answer> {
  const { path } = info;
  const check = healthPath.exec(path);
  if (check) return health(api, check[1] as HealthCheck, check[2], info.query);
  if (path === '/version' || path === '/version/') return { code: 200, body: version };
  if (path.startsWith('/openapi/')) return (await openapi(path, request)) ?? nothingHere;
  if (path === '/') return { code: 200, body: { paths: rootPaths() } };
  const discovered = discovery(path.replace(/(?<=.)\/$/, ''), request.headers.accept);
  if (!discovered) return nothingHere;
  if (info.method !== 'GET' && info.method !== 'HEAD') throw methodNotAllowed();
  return cached(discovered, request);
}

function discovery(path: string, accept: string | undefined): Answer | undefined {
  const [, root, first, second, ...rest] = path.split('/');
  if (rest.length > 0) return undefined;
  if (root === 'api' && first === undefined) return aggregated(true, accept) ?? { code: 200, body: apiVersions() };
  if (root === 'apis' && first === undefined) return aggregated(false, accept) ?? { code: 200, body: apiGroupList() };
  if (root === 'api' && second === undefined) return listOf('', first!);
  if (root !== 'apis' || !hasGroup(first!)) return undefined;
  return second === undefined ? { code: 200, body: { kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(first!) } } : listOf(first!, second);
}

function listOf(group: string, of: string): Answer {
  const body = apiResourceList(group, of);
  if (!body) throw noSuchResource();
  return { code: 200, body };
}

function aggregated(core: boolean, accept: string | undefined): Answer | undefined {
  for (const { parameters } of mediaRanges(accept)) {
    const { as, g: group, v: wanted } = parameters;
    if (as === undefined) return undefined;
    if (as !== 'APIGroupDiscoveryList' || group !== 'apidiscovery.k8s.io' || (wanted !== 'v2' && wanted !== 'v2beta1')) continue;
    return {
      code: 200,
      body: aggregatedDiscovery(core, wanted),
      contentType: `application/json;g=apidiscovery.k8s.io;v=${wanted};as=APIGroupDiscoveryList`,
      headers: { 'Cache-Control': 'public', Vary: 'Accept' },
    };
  }
  return undefined;
}

/** Discovery is asked for often and hardly ever changes: clients say which one they have. */
function cached(answer: Answer, request: IncomingMessage): Answer {
  if (answer.headers?.['Cache-Control'] !== 'public') return answer;
  const etag = `"${createHash('sha512').update(JSON.stringify(answer.body)).digest('hex').toUpperCase()}"`;
  const headers = { ...answer.headers, ETag: etag };
  return request.headers['if-none-match'] === etag ? { ...answer, code: 304, body: '', headers } : { ...answer, headers };
}

function rootPaths(): string[] {
  const groups = new Set(resources.filter(({ group }) => group !== '').flatMap(({ group, version: of }) => [`/apis/${group}`, `/apis/${group}/${of}`]));
  return ['/api', '/api/v1', '/apis', '/apis/', ...groups, '/healthz', '/healthz/etcd', '/healthz/ping', '/livez', '/openapi/v2', '/openapi/v3', '/readyz', '/version'].toSorted();
}
