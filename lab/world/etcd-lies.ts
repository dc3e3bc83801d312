import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { copyVolumes, dropCopies } from '../machine/volumes.ts';
import type { Machine } from '../machine/machine.ts';
import { clientPort, members } from '../names.ts';
import { command } from './commands.ts';
import type { Lab } from './lab.ts';
import { paths } from './mounts.ts';

/** A `.ts` beside a `.ts` in a checkout, a `.js` beside a `.js` in the published package. */
const layerProgram = `lab/lies/etcd-layer-main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`;
const layerPort = 2377;
/** The member that the layer is in front of. */
const liar = members[4]!;
const lies = ['etcd-stale-reads', 'etcd-watch-gap'] as const;
const lookEveryMs = 500;
const listensWithinMs = 30_000;

const table = 'firedrill_lie';
/** Connections from outside of the machine go to the layer; the layer's own to etcd stay as they are. */
const redirect = `table ip ${table} {
  chain arriving {
    type nat hook prerouting priority -100;
    tcp dport ${clientPort} redirect to :${layerPort}
  }
}
`;

interface Layer {
  readonly machine: Machine;
  readonly lies: string;
  readonly child: ChildProcess;
}

/** Makes etcd lie as the switches say, also on the machine that takes the place of one that died. */
export function followEtcdLies(lab: Lab): { settled(): Promise<void> } {
  const { sabotage, hypervisor, log } = lab;
  let layer: Layer | undefined;
  let hasCopies = false;
  let working: Promise<void> = Promise.resolve();

  const arrange = async (): Promise<void> => {
    const losesWrites = sabotage.isOn('etcd-lost-write');
    if (losesWrites && !hasCopies) await copyVolumes('etcd');
    else if (!losesWrites && hasCopies) dropCopies();
    hasCopies = losesWrites;
    const wanted = lies.filter((lie) => sabotage.isOn(lie)).join(' ');
    const machine = hypervisor.machines().find(({ spec }) => spec.name === liar.name);
    if (layer && layer.machine === machine && layer.lies === wanted && layer.child.exitCode === null) return;
    if (layer) await takeAway(layer);
    layer = wanted !== '' && machine ? await putInFront(machine, wanted) : undefined;
  };
  const settle = (): Promise<void> => {
    working = working.then(arrange).catch((error: unknown) => log(`etcd's lies: ${error instanceof Error ? error.message : String(error)}`));
    return working;
  };
  const keepLooking = async (): Promise<void> => {
    for (;;) {
      await wait(lookEveryMs);
      if (layer || lies.some((lie) => sabotage.isOn(lie))) await settle();
    }
  };
  sabotage.onChange(() => void settle());
  keepLooking().catch((error: unknown) => log(`etcd's lies: ${String(error)}`));
  return { settled: () => working };
}

async function putInFront(machine: Machine, wanted: string): Promise<Layer> {
  const child = spawn('nsenter', ['-t', String(machine.shepherd), '--net', '--', paths.node, '--disable-warning=ExperimentalWarning', `${paths.app}/${layerProgram}`, String(layerPort), ...wanted.split(' ')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const layer = { machine, lies: wanted, child };
  const heard = await Promise.race([once(child.stdout, 'data'), once(child, 'exit'), wait(listensWithinMs)]);
  if (child.exitCode !== null || heard === undefined) {
    child.kill('SIGKILL');
    throw new Error(`the layer in front of ${liar.short} did not start`);
  }
  await command('nsenter', ['-t', String(machine.shepherd), '--net', '--', 'nft', '-f', '-'], redirect);
  return layer;
}

/** Where the machine is dead, its network is gone with it. */
async function takeAway({ machine, child }: Layer): Promise<void> {
  try {
    await command('nsenter', ['-t', String(machine.shepherd), '--net', '--', 'nft', 'delete', 'table', 'ip', table]);
  } catch (error) {
    if (!/No such file|No such process/.test(String(error))) throw error;
  } finally {
    child.kill('SIGKILL');
  }
}
