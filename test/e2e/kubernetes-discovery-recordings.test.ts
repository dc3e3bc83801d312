import { deepEqual, equal } from 'node:assert/strict';
import { readRecording, type Exchange } from './kubernetes-replay.ts';
import { send, type ApiAnswer } from './kubernetes-request.ts';
import { startLocalApiServer, type LocalApiServer } from './local-api-server.ts';

type Json = ReturnType<JSON['parse']>;

// The lab's server has fewer groups, resources and checks than the recorded one. What it says that it has, the other one said as well,
// in the same words and the same order.

describe('what the API server says that it has, the recorded one has too', () => {
  let server: LocalApiServer;
  before(async function () {
    this.timeout(60_000);
    server = await startLocalApiServer();
  });
  after(async () => server?.close());

  const ask = async (name: string): Promise<{ readonly answer: ApiAnswer; readonly recorded: Exchange['response'] }> => {
    const { request, response } = readRecording(name).exchanges[0]!;
    const answer = await send(server, server.adminToken, { path: request.path, ...(request.headers ? { headers: request.headers } : {}) });
    equal(answer.status, response.status);
    for (const header of ['content-type', 'cache-control', 'vary']) equal(answer.headers[header], response.headers[header], header);
    return { answer, recorded: response };
  };
  /** Of theirs, those that are here as well. */
  const inBoth = (mine: readonly Json[], theirs: readonly Json[], nameOf: (one: Json) => string): Json[] => {
    const names = new Set(mine.map(nameOf));
    return theirs.filter((one) => names.has(nameOf(one)));
  };
  const byName = ({ metadata, name }: Json): string => metadata?.name ?? name ?? '';

  const resourcesInBoth = (mine: Json[], theirs: Json[]): Json[] =>
    inBoth(mine, theirs, ({ resource }) => resource).map((their) => {
      const my = mine.find(({ resource }) => resource === their.resource);
      if (my.subresources === undefined) return Object.fromEntries(Object.entries(their).filter(([key]) => key !== 'subresources'));
      return { ...their, subresources: inBoth(my.subresources, their.subresources, ({ subresource }) => subresource) };
    });
  const groupsInBoth = (mine: Json[], theirs: Json[]): Json[] =>
    inBoth(mine, theirs, byName).map((their) => {
      const my = mine.find((one) => byName(one) === byName(their));
      const versions = inBoth(my.versions, their.versions, ({ version }) => version).map((of) => {
        const { resources } = my.versions.find(({ version }: Json) => version === of.version);
        return { ...of, resources: resourcesInBoth(resources, of.resources) };
      });
      return { ...their, versions };
    });

  for (const name of ['1-discovery/aggregated-api', '1-discovery/aggregated-apis']) {
    it(`all in one: ${name}`, async () => {
      const { answer, recorded } = await ask(name);
      // Some groups were left out of the recording; that they are there is told by the list of groups.
      const mine = inBoth(recorded.body.items, answer.body.items, byName);
      deepEqual({ ...answer.body, items: mine }, { ...recorded.body, items: groupsInBoth(mine, recorded.body.items) });
    });
  }

  it('in groups', async () => {
    const { answer, recorded } = await ask('1-discovery/apis');
    const groups = inBoth(answer.body.groups, recorded.body.groups, byName).map((their) => {
      const my = answer.body.groups.find(({ name }: Json) => name === their.name);
      return { ...their, versions: inBoth(my.versions, their.versions, ({ version }) => version) };
    });
    deepEqual(answer.body, { ...recorded.body, groups });
  });

  it('as paths', async () => {
    const { answer, recorded } = await ask('1-discovery/root-paths');
    deepEqual(answer.body, { paths: inBoth(answer.body.paths, recorded.body.paths, (path) => path) });
  });

  it('as schemas', async () => {
    const { answer, recorded } = await ask('1-discovery/openapi-v3-index');
    const [mine, theirs] = [answer, recorded].map(({ body }): [string, Json][] => Object.entries(body.paths));
    const withoutHash = ([name, { serverRelativeURL }]: [string, Json]): string => `${name} ${serverRelativeURL.replace(/[0-9A-F]{128}$/, '')}`;
    deepEqual(mine!.map(withoutHash), inBoth(mine!, theirs!, ([name]) => name).map((entry) => withoutHash(entry as [string, Json])));
  });
});
