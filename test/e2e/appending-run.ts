// Appends the lines of a journal to another, as a run would write them: `node appending-run.ts <from> <to> <everyMs>`. Waits for a
// line on standard input before the last third.
import { appendFileSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

const [from = '', to = '', everyMs = '5'] = process.argv.slice(2);
const lines = readFileSync(from, 'utf8').split('\n').filter(Boolean);
const pauseAt = Math.floor((lines.length * 2) / 3);
for (const [index, line] of lines.entries()) {
  if (index === pauseAt) {
    process.stdout.write('waiting\n');
    await once(process.stdin, 'data');
    process.stdin.destroy();
  }
  // In two pieces: who follows must not take half a line for one.
  appendFileSync(to, line.slice(0, 20));
  appendFileSync(to, `${line.slice(20)}\n`);
  if (index % 10 === 0) await pause(Number(everyMs));
}
