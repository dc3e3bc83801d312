import { members } from '../names.ts';
import { ControlError, type ControlStream } from './control.ts';
import type { Lab } from './lab.ts';

/** The console of one machine, named by its instance id, its address, `peer-3` or its full name; with `follow`, what comes as well. */
export function consoleStream(lab: Lab): ControlStream {
  return (params) => {
    const asked = params.get('machine') ?? '';
    const id = asked.startsWith('i-') ? asked : (lab.hypervisor.machineAt(addressIn(asked))?.instanceId ?? lab.hypervisor.newestNamed(asked));
    const console = id === undefined ? undefined : lab.hypervisor.consoleOf(id);
    if (!console) {
      throw new ControlError('unknown-instance', `lab ${lab.config.name} has no machine "${asked}"; ${choices()}`);
    }
    return async (write, gone) => {
      write(console.text());
      if (params.get('follow') !== 'true') return;
      const stop = console.follow(write);
      await new Promise((resolve) => gone.addEventListener('abort', resolve));
      stop();
    };
  };
}

/** Of a name such as `ip-10-200-1-7.eu-west-1.compute.internal`, by which nodes are called, or of an address itself. */
const addressIn = (name: string): string => /^ip-(\d+)-(\d+)-(\d+)-(\d+)(\.|$)/.exec(name)?.slice(1, 5).join('.') ?? name;

function choices(): string {
  return `give an instance id or one of ${members.map((member) => member.short).join(', ')}`;
}
