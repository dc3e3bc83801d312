import { childrenOf } from '../procfs.ts';
import { members } from '../names.ts';
import { ControlError } from './control.ts';
import type { Lab } from './lab.ts';

/**
 * The id of the machine that somebody means, the newest of its name, dead ones included: an instance id, an address, a node's
 * name, `peer-3`, or a `Name` tag.
 *
 * @throws ControlError when there is and was none
 */
export function machineNamed(lab: Lab, asked: string): string {
  const id = asked.startsWith('i-') ? asked : (lab.hypervisor.machineAt(addressIn(asked))?.instanceId ?? lab.hypervisor.newestNamed(asked));
  if (id !== undefined && lab.hypervisor.consoleOf(id)) return id;
  throw new ControlError('unknown-instance', `lab ${lab.config.name} has no machine "${asked}"; ${choices(lab)}`);
}

/**
 * The first process of a machine that runs; its namespaces are the machine's.
 *
 * @returns its number in the world
 * @throws ControlError when the machine isn't there, or doesn't run
 */
export function firstProcessOf(lab: Lab, asked: string): { pid: number } {
  const id = machineNamed(lab, asked);
  const machine = lab.hypervisor.machines().find(({ spec }) => spec.instanceId === id);
  const pid = machine && childrenOf(machine.shepherd)[0];
  if (pid === undefined) throw new ControlError('unknown-instance', `${id} does not run; see what does with: firedrill lab status --lab ${lab.config.name}`);
  return { pid };
}

/** Of a name such as `ip-10-200-1-7.eu-west-1.compute.internal`, by which nodes are called, or of an address itself. */
const addressIn = (name: string): string => /^ip-(\d+)-(\d+)-(\d+)-(\d+)(\.|$)/.exec(name)?.slice(1, 5).join('.') ?? name;

function choices({ config }: Lab): string {
  const node = config.kubernetes ? ', the name of a node' : '';
  return `give an instance id${node} or one of ${members.map((member) => member.short).join(', ')}`;
}
