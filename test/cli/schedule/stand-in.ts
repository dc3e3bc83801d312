// Stands in for `firedrill` as a scheduler starts it: `plan` says a plan, `run` leaves a journal and ends after a while, or when it is told to.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sampleEnvironment } from '../../runner/sample-platform.ts';
import { sampleScenario } from '../../runner/sample-scenario.ts';

const [command, drill = '', ...words] = process.argv.slice(2).filter((word) => word !== '--json');
const option = (name: string): string => words[words.indexOf(name) + 1] ?? '';
const seed = Number(option('--seed'));
const target = { kind: 'instance', name: 'peer-1', id: 'i-1', zone: 'a', roles: [], group: 'peer-1', etcdMember: undefined };

if (command === 'plan') {
  const refusals = process.env['STAND_IN_REFUSES'] === undefined ? [] : ['too many zones'];
  for (const why of refusals) process.stderr.write(`refused: ${why}\n`);
  process.stdout.write(JSON.stringify({ hash: `${seed}-cafe`, refusals, plan: { faults: [{ id: 'f', kind: 'instance-terminate', when: '0s', says: '', undo: null, objections: [], targets: [target] }] } }));
  process.exitCode = refusals.length > 0 ? 3 : 0;
} else {
  const out = option('--out');
  // What it was really started for, whatever becomes of it.
  appendFileSync(join(out, 'started.log'), `${seed} ${drill} ${option('--plan')}\n`);
  const now = new Date().toISOString();
  const run = `${now.replaceAll(/[-:]|\.\d+/g, '')}-${drill}-${(process.pid % 65_536).toString(16).padStart(4, '0')}`;
  mkdirSync(join(out, run));
  const journal = join(out, run, 'journal.ndjson');
  let seq = 0;
  const write = (type: string, body: object): void => appendFileSync(journal, `${JSON.stringify({ seq: seq++, at: new Date().toISOString(), t: seq, type, ...body })}\n`);
  writeFileSync(journal, '');
  write('run.started', { version: 1, run, firedrill: '0', node: '24', command: 'firedrill run', seed, scenario: sampleScenario({}), source: drill, environment: sampleEnvironment() });
  write('fault.intent', { fault: 'f', kind: 'instance-isolate', says: 'cut peer-1 off', sum: '', targets: [target], undo: { group: 'x' } });
  write('fault.injected', { fault: 'f' });
  const end = (code: number): void => {
    write('fault.undone', { fault: 'f', verified: true, said: 'back' });
    write('run.ended', { outcome: code === 0 ? 'finished' : 'interrupted', reason: '' });
    process.exit(code);
  };
  process.on('SIGTERM', () => setTimeout(() => end(130), 100));
  setTimeout(() => end(0), Number(process.env['STAND_IN_TAKES_MS'] ?? 400));
}
