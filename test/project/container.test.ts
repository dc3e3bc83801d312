import assert from 'node:assert/strict';
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { ownRights } from '../../cli/emit/rbac.ts';
import { environmentSchema } from '../../runner/environment.ts';
import { loadGameday } from '../../scenarios/gameday.ts';

// oxlint-disable-next-line typescript/no-explicit-any
type Any = any;

const root = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
/** Whom an image of its kind runs as, and here nobody is. */
const userId = 65_532;

interface Instruction {
  readonly word: string;
  readonly rest: string;
}

describe('the container image', function () {
  this.timeout(300_000);

  const instructions = readDockerfile(read('deploy/Dockerfile'));
  const stages = instructions.reduce<Instruction[][]>((all, one) => (one.word === 'FROM' ? [...all, [one]] : [...all.slice(0, -1), [...all.at(-1)!, one]]), []);
  const last = stages.at(-1)!;
  const rest = (word: string): string[] => last.filter((one) => one.word === word).map((one) => one.rest);

  it('is built in stages: the last has neither a compiler nor a shell, and runs nothing while it is built', () => {
    assert.ok(stages.length >= 3);
    assert.match(last[0]!.rest, /^gcr\.io\/distroless\/nodejs24-debian12:nonroot$/);
    assert.deepEqual(rest('RUN'), []);
    assert.deepEqual(rest('ADD'), []);
    for (const copy of rest('COPY')) assert.match(copy, /^--from=(build|packages) /);
  });

  it('has packages that are needed to run, and what npm publishes', () => {
    const packages = stages.find(([from]) => from!.rest.endsWith(' AS packages'))!;
    assert.ok(packages.some(({ word, rest: words }) => word === 'RUN' && words === 'npm ci --omit=dev --ignore-scripts'));
    const build = stages.find(([from]) => from!.rest.endsWith(' AS build'))!.map((one) => one.rest).join('\n');
    assert.match(build, /npm pack --ignore-scripts/);
    assert.match(build, /npm ci --ignore-scripts/);
  });

  it('runs as an ordinary user, told by number, in one process that passes signals on', () => {
    assert.deepEqual(rest('USER'), [`${userId}:${userId}`]);
    assert.deepEqual(rest('STOPSIGNAL'), ['SIGTERM']);
    const entry = JSON.parse(rest('ENTRYPOINT')[0]!) as string[];
    assert.deepEqual(entry, ['/usr/bin/tini', '--', '/nodejs/bin/node', '/app/dist/cli/main.js']);
    assert.ok(rest('COPY').some((copy) => copy === '--from=build /usr/bin/tini-static /usr/bin/tini'));
  });

  it('is built from nothing but what the package is made of', () => {
    const lines = read('deploy/Dockerfile.dockerignore').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    assert.equal(lines[0], '*');
    const kept = lines.slice(1).map((line) => line.replace(/^!/, ''));
    assert.deepEqual(kept.filter((path) => !existsSync(join(root, path))), []);
    const { include } = JSON.parse(read('tsconfig.build.json')) as { include: string[] };
    const { files } = JSON.parse(read('package.json')) as { files: string[] };
    const needed = [...include, ...files.filter((path) => path !== 'dist').map((path) => path.split('/')[0]!)];
    assert.deepEqual(needed.filter((path) => !kept.includes(path)), []);
  });

  describe('by hand', () => {
    let folder: string;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'firedrill-image-'));
      const build = join(folder, 'build');
      for (const part of ['package.json', 'scenarios/catalogue', 'schema', 'docs', 'CHANGELOG.md', 'README.md', 'LICENSE']) cpSync(join(root, part), join(build, part), { recursive: true });
      succeed(join(root, 'node_modules/.bin/tsc'), ['-p', join(root, 'tsconfig.build.json'), '--outDir', join(build, 'dist')]);
      succeed('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], { cwd: build });
      const { version } = JSON.parse(read('package.json')) as { version: string };
      const app = join(folder, 'app');
      mkdirSync(app);
      succeed('tar', ['--extract', '--gzip', '--file', join(folder, `firedrill-${version}.tgz`), '--directory', app, '--strip-components', '1']);
      // As `npm ci --omit=dev --ignore-scripts` lays them out.
      const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, { dev?: boolean; devOptional?: boolean; optional?: boolean }> };
      for (const [path, { dev, devOptional, optional }] of Object.entries(packages)) {
        if (path === '' || dev || devOptional || optional || path.includes('/node_modules/')) continue;
        cpSync(join(root, path), join(app, path), { recursive: true });
      }
      cpSync(process.execPath, join(folder, 'node'));
      chmodSync(folder, 0o755);
      rmSync(build, { recursive: true });
    });
    after(() => rmSync(folder, { recursive: true }));

    /** As the image runs it; as root by dropping to its user. */
    const inImage = (...args: string[]): SpawnSyncReturns<string> => {
      const command = [join(folder, 'node'), join(folder, 'app/dist/cli/main.js'), ...args];
      const drop = process.getuid?.() === 0 ? ['setpriv', `--reuid=${userId}`, `--regid=${userId}`, '--clear-groups', '--no-new-privs'] : [];
      const [program, ...words] = [...drop, ...command];
      return spawnSync(program!, words, { encoding: 'utf8', cwd: '/', env: { NODE_ENV: 'production', HOME: '/tmp', PATH: process.env['PATH'] } });
    };

    it('runs for a user that may write nothing of it', () => {
      const validated = inImage('validate');
      assert.equal(validated.status, 0, validated.stderr);
      assert.match(validated.stdout, /^(\d+) of \1 drills are valid$/m);
      assert.match(inImage('--help').stdout, /gameday/);
    });

    it('reads a game day, and says what is wrong without a stack', () => {
      const { status, stderr } = inImage('gameday', 'schedule', join(root, 'deploy/kubernetes/config/gameday.yaml'));
      assert.equal(status, 2, stderr);
      assert.match(stderr, /say where the state of the schedule is kept, with --state/);
    });
  });
});

describe('the base for Kustomize', () => {
  const folder = 'deploy/kubernetes';
  const kustomization = parse(read(`${folder}/kustomization.yaml`)) as { resources: string[]; configMapGenerator: { name: string; files: string[] }[] };
  const objects: Any[] = kustomization.resources.flatMap((path) => parseAllDocuments(read(`${folder}/${path}`)).map((document): Any => document.toJSON()));
  const [deployment] = objects.filter(({ kind }) => kind === 'Deployment');
  const pod = deployment.spec.template.spec;
  const [container] = pod.containers;

  it('runs one scheduler at a time, as the image wants to be run', () => {
    assert.deepEqual([deployment.spec.replicas, deployment.spec.strategy], [1, { type: 'Recreate' }]);
    assert.equal(pod.securityContext.runAsNonRoot, true);
    assert.equal(pod.securityContext.runAsUser, userId);
    assert.deepEqual(container.securityContext, { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
    assert.deepEqual(container.env.map(({ name }: Any) => name), ['POD_NAME', 'POD_NAMESPACE', 'NODE_NAME', 'NODE_ZONE']);
    assert.deepEqual(container.volumeMounts.map(({ name }: Any) => name), pod.volumes.map(({ name }: Any) => name));
  });

  it('has no rights but those that a schedule of its own is given, too', () => {
    const rights = ownRights('firedrill-own', 'firedrill', {});
    assert.deepEqual(objects.filter(({ kind }) => kind.endsWith('Role')).map(({ kind, rules }): unknown => ({ kind, rules })), rights.map(({ kind, rules }) => ({ kind, rules })));
    for (const { subjects } of objects.filter(({ kind }) => kind.endsWith('Binding'))) assert.deepEqual(subjects, [{ kind: 'ServiceAccount', name: 'firedrill', namespace: 'firedrill' }]);
  });

  it('brings a game day and an environment that are accepted', () => {
    const [gameday = '', environment = ''] = kustomization.configMapGenerator[0]!.files.map((path) => read(`${folder}/${path}`));
    assert.equal(loadGameday(gameday, 'gameday.yaml').schedule!.length, 1);
    assert.equal(environmentSchema.parse(parse(environment)).name, 'nowhere');
  });
});

function readDockerfile(text: string): Instruction[] {
  const lines = text.replaceAll(/\\\n/g, ' ').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => ({ word: line.split(' ')[0]!, rest: line.slice(line.indexOf(' ') + 1).trim() }));
}

function succeed(command: string, args: string[], options: { cwd?: string } = {}): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (error) throw error;
  assert.equal(status, 0, `${command} ${args.join(' ')}\n${stdout}${stderr}`);
}
