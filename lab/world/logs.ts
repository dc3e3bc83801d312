import type { ControlStream } from './control.ts';
import type { Lab } from './lab.ts';
import { machineNamed } from './machine-named.ts';

/** The console of one machine, named as {@link machineNamed} takes it; with `follow`, what comes as well. */
export function consoleStream(lab: Lab): ControlStream {
  return (params) => {
    const console = lab.hypervisor.consoleOf(machineNamed(lab, params.get('machine') ?? ''))!;
    return async (write, gone) => {
      write(console.text());
      if (params.get('follow') !== 'true') return;
      const stop = console.follow(write);
      await new Promise((resolve) => gone.addEventListener('abort', resolve));
      stop();
    };
  };
}
