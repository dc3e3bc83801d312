import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { labExec } from '../../lab/index.ts';
import { collect, type Ended } from './firedrill.ts';

/** Runs a program inside a lab to its end, as `firedrill lab exec` does, without starting a firedrill for it. */
export async function insideLab(lab: string, ...argv: string[]): Promise<Ended> {
  const { program, args, env } = await labExec(lab, argv);
  return collect(spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env })).ended;
}

/** The same for one that has to end well. */
export async function expectInside(lab: string, ...argv: string[]): Promise<Ended> {
  const ended = await insideLab(lab, ...argv);
  assert.equal(ended.code, 0, `${argv.join(' ')} in lab ${lab}\n${ended.stdout}\n${ended.stderr}`);
  return ended;
}
