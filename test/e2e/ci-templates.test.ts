import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { collect, main, root, type Ended } from './firedrill.ts';

type Tree = { readonly [key: string]: Tree } & readonly Tree[] & string;

/** What a template would run, and the variables that it would set, with the values that it has by itself. */
interface Template {
  readonly script: string;
  readonly variables: Record<string, string>;
  /** What its variable for the suite and the environment are called. */
  readonly names: { readonly suite: string; readonly env: string; readonly baseline: string };
}

const read = (path: string): string => readFileSync(join(root, 'deploy/ci', path), 'utf8');
const yaml = (path: string): Tree => parse(read(path)) as Tree;
const plain = { suite: 'SUITE', env: 'ENVIRONMENT', baseline: 'BASELINE' };

/** Replaces `${{ inputs.x }}`, `$(params.x)` and the like by what is given there. */
function filled(env: Readonly<Record<string, string>>, pattern: RegExp, values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, text]) => {
      const key = pattern.exec(text)?.[1];
      if (key === undefined) return [name, text];
      assert.ok(key in values, `${name} is ${text}, which nobody declares`);
      return [name, values[key]!];
    }),
  );
}

const byName = (list: Tree): Record<string, string> => Object.fromEntries([...list].map((one) => [one['name'] as string, (one['value'] ?? one['default'] ?? '') as string]));

const templates: Record<string, () => Template> = {
  'the GitHub Action': () => {
    const { inputs, runs } = yaml('github/action.yml');
    const step = runs!['steps']![0]!;
    assert.equal(runs!['using'], 'composite');
    const values = Object.fromEntries(Object.entries(inputs!).map(([name, input]) => [name, input['default'] ?? '']));
    return { script: step['run']!, variables: filled(step['env']!, /^\$\{\{ inputs\.([\w-]+) \}\}$/, values), names: plain };
  },
  'the GitLab template': () => {
    const job = yaml('gitlab.yml')['.firedrill-gate']!;
    assert.equal(job['artifacts']!['reports']!['junit'], 'firedrill-junit.xml');
    return { script: [...job['script']!].join('\n'), variables: Object.fromEntries(Object.entries(job['variables']!)), names: { suite: 'FIREDRILL_SUITE', env: 'FIREDRILL_ENV', baseline: 'FIREDRILL_BASELINE' } };
  },
  'the Jenkins stage': () => {
    const text = read('Jenkinsfile');
    const [, script] = /script: '''\n(.*?)'''/s.exec(text)!;
    const variables = Object.fromEntries([...text.matchAll(/string\(name: '(\w+)', defaultValue: '([^']*)'\)/g)].map((match) => [match[1]!, match[2]!]));
    for (const pair of ['{}', '()']) assert.equal(text.split(pair.slice(0, 1)).length, text.split(pair.slice(1)).length, `as many on both sides: ${pair}`);
    return { script: script!, variables, names: plain };
  },
  'the Argo workflow template': () => {
    const { kind, spec } = yaml('argo-workflow-template.yaml');
    assert.equal(kind, 'WorkflowTemplate');
    const template = [...spec!['templates']!].find(({ name }) => name === spec!['entrypoint'])!;
    const { command, args, env } = template['container']!;
    assert.deepEqual([...command!], ['sh', '-c']);
    return { script: args![0]!, variables: filled(byName(env!), /^\{\{workflow\.parameters\.([\w-]+)\}\}$/, byName(spec!['arguments']!['parameters']!)), names: plain };
  },
  'the Tekton task': () => {
    const { kind, spec } = yaml('tekton-task.yaml');
    assert.equal(kind, 'Task');
    const step = spec!['steps']![0]!;
    const variables = byName(step['env']!);
    const { RESULT: result, ...others } = variables;
    assert.equal(result, '$(results.exit-code.path)');
    return { script: step['script']!, variables: { ...filled(others, /^\$\(params\.([\w-]+)\)$/, byName(spec!['params']!)), RESULT: 'result' }, names: plain };
  },
};

describe('the templates for CI systems', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'firedrill-ci-'));
    // A platform of nothing: every drill is bad input there, and nothing is touched.
    writeFileSync(join(folder, 'nothing.yaml'), 'name: nothing\n');
    writeFileSync(join(folder, 'suite.yaml'), 'name: suite\ndrills:\n  - { drill: etcd-member-loss }\n');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs a template's script as its CI system would, with the real command line for firedrill. */
  function run({ script, variables }: Template, set: Record<string, string>): Promise<Ended> {
    const env = { ...process.env, GITHUB_OUTPUT: join(folder, 'output'), RUNS: join(folder, 'runs'), ...variables, ...set, FIREDRILL: `${process.execPath} ${main}` };
    if ('RUNS' in variables) env.RUNS = join(folder, 'runs');
    return collect(spawn('sh', ['-e', '-c', script], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })).ended;
  }

  for (const [name, template] of Object.entries(templates)) {
    it(`${name} runs the gate, keeps its JUnit file, and ends with its exit code`, async () => {
      const { names, ...rest } = template();
      assert.match(rest.variables['FIREDRILL'] ?? '', /^(?:npx --yes )?firedrill$/);
      const { code, stdout, stderr } = await run({ names, ...rest }, { [names.suite]: 'suite.yaml', [names.env]: 'nothing.yaml' });
      assert.equal(code, 2, `${stdout}\n${stderr}`);
      assert.match(stdout, /^✗ bad input {2}etcd-member-loss .* the environment file names no etcd/m);
      const junit = ['firedrill-junit.xml', 'runs/junit.xml'].map((path) => join(folder, path)).find((path) => existsSync(path));
      assert.match(readFileSync(junit!, 'utf8'), /<testsuite name="etcd-member-loss"/);
      if (name.includes('GitHub')) assert.equal(readFileSync(join(folder, 'output'), 'utf8'), 'exit-code=2\n');
      if (name.includes('Tekton')) assert.equal(readFileSync(join(folder, 'result'), 'utf8'), '2');
    });

    it(`${name} passes the baseline on`, async () => {
      const { names, ...rest } = template();
      const { code, stderr } = await run({ names, ...rest }, { [names.suite]: 'suite.yaml', [names.env]: 'nothing.yaml', [names.baseline]: 'a b.json' });
      assert.equal(code, 2);
      assert.match(stderr, /^the baseline a b\.json can't be read: ENOENT/m);
    });
  }

  it('the GitLab template runs a shard of parallel jobs', async () => {
    const template = templates['the GitLab template']!();
    const { stdout, code } = await run(template, { FIREDRILL_SUITE: 'suite.yaml', FIREDRILL_ENV: 'nothing.yaml', CI_NODE_INDEX: '2', CI_NODE_TOTAL: '2' });
    assert.equal(code, 0);
    assert.match(stdout, /Nothing to run/);
  });

  it('the GitHub Action has a summary of the step, and an annotation beside the drill', async () => {
    const template = templates['the GitHub Action']!();
    const summary = join(folder, 'summary.md');
    const { stdout } = await run(template, { SUITE: 'suite.yaml', ENVIRONMENT: 'nothing.yaml', GITHUB_STEP_SUMMARY: summary, GITHUB_ACTIONS: 'true' });
    assert.match(stdout, /^::error file=suite\.yaml,line=3,title=etcd-member-loss::bad input: /m);
    assert.match(readFileSync(summary, 'utf8'), /^## ✗ Bad input: etcd-member-loss\n/);
  });
});
