import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { makeProgram } from '../../cli/program.ts';
import { environmentSchema } from '../../runner/environment.ts';
import { parseEnvironment } from '../../runner/environment-file.ts';
import { exitCodes } from '../../runner/errors.ts';
import { createMask } from '../../runner/mask.ts';
import type { Notice } from '../../runner/notify/notice.ts';
import { webhookMessage } from '../../runner/notify/webhook.ts';
import { worstOf } from '../../runner/worst.ts';
import { loadKinds } from '../../runner/kinds.ts';
import { catalogue, findDrill } from '../../scenarios/find.ts';
import { gamedaySchema, loadGameday } from '../../scenarios/gameday.ts';
import { loadSuite } from '../../scenarios/load-suite.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { sloForms } from '../../scenarios/schema.ts';
import { pickWords } from '../../scenarios/select.ts';
import { suiteDrillSchema, suiteSchema } from '../../scenarios/suite.ts';

const root = resolve(import.meta.dirname, '../..');
const documents = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'docs/audit.md', 'docs/consistency.md', 'docs/dependencies.md', 'docs/drills.md', 'docs/gameday.md', 'docs/gate.md', 'docs/html-report.md', 'docs/leash.md', 'docs/notifications.md', 'docs/opentelemetry.md', 'docs/reports.md', 'docs/safety.md', 'docs/schedule.md', 'docs/score.md', 'docs/specimen.md', 'docs/statistics.md', 'docs/threat-model.md', 'docs/watch.md'];
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const blocks = (path: string, language: string): string[] =>
  [...read(path).matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map((match) => match[1]!);

describe('the documents', () => {
  const manifest = JSON.parse(read('package.json')) as {
    scripts: Record<string, string>;
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  };

  for (const document of documents) {
    it(`${document} links only to what is there`, () => {
      const links = [...read(document).matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map((match) => match[1]!);
      const broken = links.filter((link) => !existsSync(join(root, dirname(document), link)));
      assert.deepEqual(broken, []);
    });

    it(`${document} names only npm scripts that exist`, () => {
      const named = [...read(document).matchAll(/npm (?:run (?:-s )?)?(start|test|(?<=run (?:-s )?)[a-z][\w:]*)/g)].map((match) => match[1]!);
      assert.deepEqual(named.filter((name) => !(name in manifest.scripts)), []);
    });
  }

  it('docs/safety.md names tests that are there, one or more for each promise', () => {
    const promises = read('docs/safety.md').split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| promise'));
    const tests = promises.map((line) => [...line.matchAll(/`(test\/[^`]+)`/g)].map((match) => match[1]!));
    assert.ok(promises.length > 15);
    assert.deepEqual(promises.filter((_, index) => tests[index]!.length === 0), []);
    assert.deepEqual(tests.flat().filter((path) => !existsSync(join(root, path))), []);
  });

  for (const document of ['README.md', 'docs/drills.md']) {
    it(`${document} shows a drill that loads`, async () => {
      const drills = blocks(document, 'yaml').filter((block) => block.startsWith('name: ') && block.includes('faults:'));
      assert.equal(drills.length, 1);
      const scenario = loadScenario(drills[0]!, { file: document, vocabulary: await loadKinds() });
      assert.ok(scenario.slos.length > 0);
    });
  }

  it('docs/gate.md shows a suite that loads, and tells of each key of one', () => {
    const [suite] = blocks('docs/gate.md', 'yaml');
    assert.equal(loadSuite(suite!, 'docs/gate.md').name, 'before-infrastructure');
    const keys = [...Object.keys(suiteDrillSchema.shape), ...Object.keys(suiteSchema.shape)].filter((key) => !['title', 'baseline'].includes(key));
    assert.deepEqual(keys.filter((key) => !new RegExp(`^ *(?:- )?${key}:`, 'm').test(suite!)), []);
  });

  it('docs/gate.md lists the exit codes that there are, the worst first', () => {
    const listed = [...read('docs/gate.md').matchAll(/^\| (\d+) \|/gm)].map((match) => Number(match[1]));
    assert.deepEqual(listed.toSorted((a, b) => a - b), Object.values(exitCodes));
    for (const [index, code] of listed.entries()) assert.equal(worstOf(listed.slice(index)), code);
  });

  it('the changelog names every fault, every probe and every drill of the catalogue', async () => {
    const { faults, probes } = await loadKinds();
    const names = [...Object.keys(faults), ...Object.keys(probes), ...(await catalogue())];
    assert.deepEqual(names.filter((name) => !read('CHANGELOG.md').includes(`\`${name}\``)), []);
  });

  it('docs/drills.md tells of every form of an SLO and every way to pick', () => {
    const text = read('docs/drills.md');
    const missing = [...sloForms, ...pickWords].filter((word) => !text.includes(`\`${word}`));
    assert.deepEqual(missing, []);
  });

  it('docs/gameday.md tells of every key of a game day, and its example names drills and parameters that there are', async () => {
    const text = read('docs/gameday.md');
    assert.deepEqual(Object.keys(gamedaySchema.shape).filter((key) => !text.includes(`\`${key}\``)), []);
    for (const { drill, set = {} } of loadGameday(read('docs/gameday.yaml'), 'docs/gameday.yaml').drills!) {
      if (drill === undefined) continue;
      const values = Object.fromEntries(Object.entries(set).map(([name, value]) => [name, String(value)]));
      loadScenario((await findDrill(drill)).text, { file: drill, set: values, vocabulary: await loadKinds() });
    }
  });

  it('the README shows commands and options that the command line has', () => {
    const shown = [...read('README.md').matchAll(/firedrill -- (.+?)(?: {2,}#|$)/gm)].map((match) => match[1]!.split(' -- ')[0]!.split(' '));
    assert.ok(shown.length > 10);
    const program = makeProgram(() => {});
    for (const words of shown) {
      const names = words.slice(0, words[0] === 'lab' || words[0] === 'gameday' ? 2 : 1);
      const command = names.reduce<typeof program | undefined>((within, name) => within?.commands.find((one) => one.name() === name), program);
      assert.ok(command, `firedrill ${names.join(' ')} is a command`);
      const known = command.options.map((option) => option.long);
      for (const option of words.filter((word) => word.startsWith('--'))) assert.ok(known.includes(option), `${names.join(' ')} ${option}`);
    }
  });

  it('the README shows an environment file that is accepted', () => {
    const environment = blocks('README.md', 'yaml').find((block) => block.startsWith('# environments/staging.yaml'));
    assert.ok(environment);
    assert.equal(environmentSchema.parse(parse(environment)).name, 'staging');
  });

  it('docs/schedule.md shows a schedule that is accepted, and tells of each key of a slot', () => {
    const [gameday] = blocks('docs/schedule.md', 'yaml');
    const { schedule } = loadGameday(gameday!, 'docs/schedule.md');
    assert.equal(schedule!.length, 2);
    const keys = ['cron', 'timeZone', 'jitter', 'late', 'drills', 'draw'];
    assert.deepEqual(keys.filter((key) => !read('docs/schedule.md').includes(`\`${key}\``)), []);
  });

  it('docs/leash.md shows an environment file that is accepted, and tells of each of its keys', () => {
    const [environment] = blocks('docs/leash.md', 'yaml');
    assert.equal(environmentSchema.parse(parse(environment!)).name, 'production');
    const text = read('docs/leash.md');
    const { optIn, deny, ...keys } = environmentSchema.shape;
    const told = [...Object.keys(keys).filter((key) => ['protected', 'timeZone', 'windows', 'blackouts'].includes(key)), ...[optIn, deny].flatMap((one) => Object.keys(one.unwrap().shape))];
    assert.deepEqual(told.filter((key) => !text.includes(`\`${key}\``) && !text.includes(`\`${key}: `)), []);
  });

  it('docs/notifications.md shows settings that are accepted, and how to verify a message that then verifies', async () => {
    const [settings] = blocks('docs/notifications.md', 'yaml');
    const variables = { ON_CALL_SECRET: 'a-secret-of-those-on-call', SLACK_GAME_DAYS: 'T0000/B0000/XXXX' };
    const { notify } = await parseEnvironment(`name: staging\n${settings}`, 'staging.yaml', { variables, mask: createMask() });
    assert.deepEqual(notify?.slack['game-days']?.on, ['abort', 'verdict']);
    const [code] = blocks('docs/notifications.md', 'js');
    const { isFromFiredrill } = (await import(`data:text/javascript,${encodeURIComponent(`${code}export { isFromFiredrill };`)}`)) as {
      isFromFiredrill(headers: object, body: Buffer, secret: string, nowSeconds?: number): boolean;
    };
    const notice = JSON.parse(blocks('docs/notifications.md', 'json')[0]!) as Notice;
    const { headers, body } = webhookMessage(notice, variables.ON_CALL_SECRET, 1_000_000);
    const verify = (text: string, secret: string, nowSeconds: number): boolean => isFromFiredrill(headers, Buffer.from(text), secret, nowSeconds);
    assert.equal(verify(body, variables.ON_CALL_SECRET, 1_010), true);
    assert.equal(verify(`${body} `, variables.ON_CALL_SECRET, 1_010), false);
    assert.equal(verify(body, 'another-secret-altogether', 1_010), false);
    assert.equal(verify(body, variables.ON_CALL_SECRET, 2_000), false);
  });

  it('the README lists the exit codes that there are', () => {
    const listed = [...read('README.md').matchAll(/^\| (\d+) \|/gm)].map((match) => Number(match[1]));
    assert.deepEqual(listed, Object.values(exitCodes));
  });

  it('each dependency is explained, and no other', () => {
    const explained = read('docs/dependencies.md')
      .split('\n## ')
      .slice(1, 3)
      .flatMap((part) => part.split('\n'))
      .filter((line) => line.startsWith('| `'))
      .flatMap((line) => [...line.split('|')[1]!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!));
    const declared = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
    assert.deepEqual(explained.sort(), declared.sort());
  });

  it('the lock file names no download address', () => {
    assert.doesNotMatch(read('package-lock.json'), /"resolved"/);
  });
});
