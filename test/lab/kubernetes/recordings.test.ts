import { deepEqual } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';

/** Recordings that no test replays, and why. A name that ends in `*` stands for all that begin like it. */
const exceptions: Readonly<Record<string, string>> = {
  '1-discovery/aggregated-api': 'lists all resources of a real server; those that are served are held against the plain lists',
  '1-discovery/aggregated-apis': 'lists all groups of a real server, most of which are not served',
  '1-discovery/apis': 'lists all groups of a real server, most of which are not served',
  '1-discovery/openapi-v3-index': 'its hashes are those of the schemas of one build',
  '1-discovery/root-paths': 'lists paths of groups and checks that are not served',
  // Those that need no more than a server are replayed all the same.
  '2-kubectl/*': 'what the client sends and prints: the real kubectl is run in its place, in e2e/kubernetes-kubectl.test.ts and kubernetes-controllers.test.ts',
};

const tests = new URL('../../', import.meta.url);

/** All that was recorded: the index has a section for each folder, with a line for each file. */
function recorded(): string[] {
  const index = readFileSync(new URL('recordings/README.md', import.meta.url), 'utf8');
  let folder: string | undefined;
  const found: string[] = [];
  for (const line of index.split('\n')) {
    folder = /^### (\d-[a-z-]+):/.exec(line)?.[1] ?? folder;
    const file = /^- `([^`]+\.(?:json|ndjson))`/.exec(line)?.[1];
    if (folder !== undefined && file !== undefined) found.push(`${folder}/${file.replace(/\.(json|ndjson)$/, '')}`);
  }
  return found;
}

/** Names of recordings that tests hold in quotes, whole: each is read by its name, and nothing else has such a name. */
function named(): Set<string> {
  const files = readdirSync(tests, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts') && !file.endsWith('/recordings.test.ts'));
  const texts = files.map((file) => readFileSync(new URL(file, tests), 'utf8'));
  return new Set(texts.flatMap((text) => [...text.matchAll(/['`/](\d-[a-z-]+\/[\w.-]+?)(?:\.ndjson|\.json)?['`]/g)].map(([, name]) => name!)));
}

describe('the recordings of a real API server', () => {
  const isException = (name: string): boolean => Object.keys(exceptions).some((key) => (key.endsWith('*') ? name.startsWith(key.slice(0, -1)) : name === key));

  it('are all replayed, but for those that are named with a reason', () => {
    const replayed = named();
    deepEqual(recorded().filter((name) => !replayed.has(name) && !isException(name)), []);
  });

  it('have no exception that is replayed after all, or that is not there', () => {
    const [all, replayed] = [recorded(), named()];
    deepEqual(all.filter((name) => replayed.has(name) && isException(name) && exceptions[name] !== undefined), []);
    deepEqual(Object.keys(exceptions).filter((key) => !all.some((name) => (key.endsWith('*') ? name.startsWith(key.slice(0, -1)) : name === key))), []);
  });

  it('are in the index, all that tests name', () => {
    const all = new Set(recorded());
    deepEqual([...named()].filter((name) => !all.has(name)), []);
  });
});
