// Stands in for firedrill itself: plans and runs as its real self would tell, by the name of the drill, without a platform.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { answers, JournalBuilder } from '../../runner/journal-builder.ts';

const [command, drill, ...options] = process.argv.slice(2);
const run = '20261123T102133Z-etcd-zone-plus-one-7f3a';

if (command === 'plan') {
  if (drill === 'no-platform') {
    process.stderr.write('the platform could not be looked at: no answer\n');
    process.exit(4);
  }
  const refusals = drill === 'refused' ? ['zones: 2 would be lost, 1 may be'] : [];
  const plan = { faults: [], blastRadius: { instances: 1, zonesLost: [], etcdMembersDown: 1 }, quorum: null, zones: {} };
  process.stdout.write(`${JSON.stringify({ hash: `1-${'0'.repeat(16)}`, plan, refusals, warnings: [] }, null, 2)}\n`);
  process.exit(refusals.length > 0 ? 3 : 0);
}

const journal = new JournalBuilder();
const write = (): void => {
  const text = journal.entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  const folder = join(options[options.indexOf('--out') + 1]!, run);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'journal.ndjson'), text);
  process.stdout.write(text);
};

process.stderr.write(`${command} ${drill} ${options.join(' ')}\n`);
if (drill === 'interrupted') {
  process.on('SIGINT', () => {
    journal.end(1_000, 2_000, 'interrupted', 'interrupted by SIGINT');
    write();
    process.exit(130);
  });
  process.stdout.write(`${JSON.stringify(journal.entries[0])}\n`);
  await sleep(20_000);
} else if (drill === 'killed') {
  journal.fault(0, 'zone', [], { record: 1 });
  write();
  process.stdout.write('{"seq":99,"at":"20');
  process.kill(process.pid, 'SIGKILL');
} else if (drill === 'never-starts') {
  process.stderr.write('refused: another run holds the lock\n');
  process.exit(3);
} else {
  journal.fault(0, 'zone').observe('writes', answers(-5_000, 10_000)).end(1_000, 10_000);
  write();
}
