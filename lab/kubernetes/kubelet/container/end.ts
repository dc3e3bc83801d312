import { pause } from '../pause.ts';
import { runExec } from '../runtime/exec-process.ts';
import type { ContainerParts, Run } from './host.ts';

/** Asks the process that runs to end, and ends it when its time is over. */
export async function endRun(parts: ContainerParts, graceSeconds: number): Promise<void> {
  const run = parts.current();
  if (!run) return;
  const { process } = run;
  const deadlineMs = performance.now() + graceSeconds * 1000;
  const over = process.ended.then(() => true);
  const within = (ms: number): Promise<boolean> => Promise.race([over, pause(Math.max(ms, 0)).then(() => false)]);
  await preStop(parts, run, graceSeconds * 1000);
  process.signal('SIGTERM');
  // Who spent all of the grace on its hook gets two seconds more, as from the real one.
  if (!(await within(Math.max(deadlineMs - performance.now(), graceSeconds > 0 ? 2_000 : 0)))) {
    process.kill();
    await process.ended;
  }
}

async function preStop({ spec, tell }: ContainerParts, { process, inside }: Run, withinMs: number): Promise<void> {
  const hook = spec.lifecycle?.preStop;
  const first = process.first();
  if (!hook || first === undefined) return;
  if (hook.sleep) return void (await Promise.race([process.ended, pause(Math.min(hook.sleep.seconds * 1000, withinMs))]));
  if (!hook.exec?.command) return;
  const { code, output } = await runExec({ first, ...inside, argv: hook.exec.command, tty: false }, withinMs);
  if (code !== 0) tell('Warning', 'FailedPreStopHook', `PreStopHook failed: ${output.trim()}`);
}
