// Whether the lab's lies are found every time, and a lab that tells none is never accused:
//
//   npm run lies -- 10 100       each lie ten times, and a hundred short runs without any
//   npm run lies -- 0 100
//
// A run that could not tell (exit code 4) neither finds nor accuses; it is counted on its own.
import { parseArgs } from 'node:util';
import { expectExit, firedrill, RunsFolder } from '../test/e2e/firedrill.ts';
import { lies, writeLiesDrill, type Lost } from '../test/e2e/lies-drill.ts';

const [rounds, cleanRuns] = parseArgs({ allowPositionals: true }).positionals.map(Number);
if (!Number.isInteger(rounds) || !Number.isInteger(cleanRuns)) throw new Error('give two numbers: of rounds for each lie, and of runs without any');
const lab = `lies-${process.pid}`;
let operations = 0;
// Ctrl-C reaches the run too, which undoes what it did; what is left to do here is to end the lab.
let interrupted = false;
process.on('SIGINT', () => (interrupted = true));
process.on('SIGTERM', () => (interrupted = true));

interface Tally {
  readonly what: string;
  readonly counts: Map<string, number>;
}

const tallies: Tally[] = [];
await expectExit(0, 'lab', 'up', '--lab', lab);
try {
  for (const { sabotage, lost, check } of lies) {
    await many(`${sabotage}: ${check} broken`, rounds!, async () => {
      await expectExit(0, 'lab', 'sabotage', sabotage, 'on', '--lab', lab);
      const told = await run(lost);
      await expectExit(0, 'lab', 'reset', '--lab', lab);
      return told.broken.includes(check) ? 'found' : told.verdict;
    });
  }
  await many('a clean lab', cleanRuns!, async () => (await run('nobody')).verdict);
} finally {
  await firedrill('lab', 'down', '--lab', lab);
}
for (const { what, counts } of tallies) console.log(`${what}: ${[...counts].map(([told, count]) => `${told} ${count}`).join(', ')}`);
console.log(`${operations} operations checked`);

async function many(what: string, times: number, once: () => Promise<string>): Promise<void> {
  const counts = new Map<string, number>();
  tallies.push({ what, counts });
  for (let time = 1; time <= times && !interrupted; time += 1) {
    const told = await once();
    counts.set(told, (counts.get(told) ?? 0) + 1);
    console.log(`${time}/${times} ${what}: ${told}`);
  }
}

/** @returns the verdict of the SLO that etcd tells no lie, and the checks that were broken */
async function run(lost: Lost): Promise<{ verdict: string; broken: readonly string[] }> {
  const runs = new RunsFolder();
  try {
    const { code, stderr } = await firedrill('run', writeLiesDrill(runs, lost), '--lab', lab, '--out', runs.path);
    if (![0, 1, 4].includes(code) && !interrupted) throw new Error(`the run ended with ${code}: ${stderr}`);
    const { slos, consistency } = runs.report();
    operations += consistency?.[0]?.cost?.operations ?? 0;
    return { verdict: slos[0]!.verdict, broken: (consistency?.[0]?.findings ?? []).filter(({ verdict }) => verdict === 'broken').map(({ check }) => check) };
  } finally {
    runs.remove();
  }
}
