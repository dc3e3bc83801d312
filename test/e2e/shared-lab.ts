import { expectExit, firedrill } from './firedrill.ts';

const name = `e2e-${process.pid}`;
let up: Promise<unknown> | undefined;

/** The one lab that the end-to-end tests of this process share, whole again and without sabotage. */
export async function sharedLab(): Promise<string> {
  if (up) {
    await up;
    await expectExit(0, 'lab', 'reset', '--lab', name);
  } else {
    up = expectExit(0, 'lab', 'up', '--lab', name);
    await up;
  }
  return name;
}

after(async function () {
  this.timeout('60s');
  if (up) await firedrill('lab', 'down', '--lab', name);
});
