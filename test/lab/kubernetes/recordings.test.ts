import { deepEqual } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';

/** Recordings that no test replays, and why. */
const exceptions: Readonly<Record<string, string>> = {
  ...named('needs a kubelet, which is there in in-cluster/kubernetes-kubectl.test.ts', [
    '2-kubectl/exec',
    '2-kubectl/exec-stdin',
    '2-kubectl/exec-spdy',
    '2-kubectl/exec-missing-binary',
    '2-kubectl/exec-if-answers-are-json',
    '2-kubectl/port-forward',
    '2-kubectl/logs',
    '2-kubectl/logs-follow',
    '2-kubectl/logs-deployment',
  ]),
  ...named('no server was asked', ['2-kubectl/create-dry-run-client', '2-kubectl/error-connection-refused']),
  ...named('its answer was made by hand, and this server reads protobuf', [
    '2-kubectl/create-deployment-if-protobuf-is-refused',
    '2-kubectl/create-namespace-if-protobuf-is-refused',
  ]),
};

function named(why: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, why]));
}

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
function replayedNames(): Set<string> {
  const files = readdirSync(tests, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts') && !file.endsWith('/recordings.test.ts'));
  const texts = files.map((file) => readFileSync(new URL(file, tests), 'utf8'));
  return new Set(texts.flatMap((text) => [...text.matchAll(/['`/](\d-[a-z-]+\/[\w.-]+?)(?:\.ndjson|\.json)?['`]/g)].map(([, name]) => name!)));
}

describe('the recordings of a real API server', () => {
  it('are all replayed, but for those that are named with a reason', () => {
    const replayed = replayedNames();
    deepEqual(recorded().filter((name) => !replayed.has(name) && exceptions[name] === undefined), []);
  });

  it('have no exception that is replayed after all, or that is not there', () => {
    const [all, replayed] = [recorded(), replayedNames()];
    deepEqual(all.filter((name) => replayed.has(name) && exceptions[name] !== undefined), []);
    deepEqual(Object.keys(exceptions).filter((key) => !all.includes(key)), []);
  });

  it('are in the index, all that tests name', () => {
    const all = new Set(recorded());
    deepEqual([...replayedNames()].filter((name) => !all.has(name)), []);
  });
});
