import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { Command, Option } from 'commander';
import type { Entrance } from '../lab/index.ts';
import { exitCodes, ExpectedError } from '../runner/errors.ts';

interface LabOption {
  readonly lab: string;
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/**
 * `firedrill lab …`: the platform in miniature, on this machine.
 *
 * @param ends is told the exit code of a command that was run inside
 */
export function labCommand(ends: (exitCode: number) => void): Command {
  const command = new Command('lab').description('the platform in miniature: real etcd under an emulated AWS, on this machine').exitOverride();

  const add = (nameAndArguments: string, description: string): Command =>
    command
      .command(nameAndArguments)
      .description(description)
      .exitOverride()
      .option('--lab <name>', 'which lab; any number can be up at once', 'lab');

  add('up', 'start a lab; it stays until "lab down"')
    .addOption(new Option('--timing <profile>', 'fast: seconds where AWS takes minutes; aws: as measured in the field').choices(['fast', 'aws']).default('fast'))
    .option('--kubernetes', 'with a Kubernetes cluster on machines of its own: three masters and six workers')
    .option('--specimen', 'with Kubernetes, and on it linkerd on each worker and six services that call one another through it')
    .addOption(
      new Option('--kube-assets <folder>', "with --kubernetes: masters run the kube-apiserver, kube-controller-manager and kube-scheduler in this folder (1.26 or newer), not the lab's own parts").env('KUBEBUILDER_ASSETS'),
    )
    .option('--foreground', 'stay in front of it; Ctrl-C ends it')
    .action((options: UpOptions, self: Command) => {
      // For envtest the variable is set all the time: a lab without Kubernetes doesn't mind.
      const ignored = self.getOptionValueSource('kubeAssets') === 'env' && (!(options.kubernetes || options.specimen) || options.kubeAssets === '');
      return up(ignored ? { ...options, kubeAssets: undefined } : options);
    });

  add('status', 'show how a lab is')
    .option('--json', 'as JSON')
    .action(async ({ lab, json }: LabOption & { json?: boolean }) => {
      const { labStatus } = await import('../lab/index.ts');
      const { labStatusText } = await import('./lab-status-text.ts');
      const status = await labStatus(lab);
      print(json ? JSON.stringify(status, null, 2) : labStatusText(status));
    });

  add('down', 'end a lab; nothing of it is left').action(async ({ lab }: LabOption) => {
    const { labDown } = await import('../lab/index.ts');
    await labDown(lab);
    print(`lab ${lab} is down`);
  });

  add('exec <command...>', 'run a command inside a lab, set up for etcdctl and aws: firedrill lab exec -- etcdctl member list')
    .option('--machine <machine>', 'on one of its machines: an instance id, peer-3, or the name of a Kubernetes node')
    .action(async (argv: string[], { lab, machine }: LabOption & { machine?: string }) => {
      const { labExec } = await import('../lab/index.ts');
      ends(await attended(await labExec(lab, argv, machine)));
    });

  add('logs <machine>', "print a machine's console: an instance id, or the newest machine of a member such as peer-3")
    .option('-f, --follow', 'go on with what comes')
    .action(async (machine: string, { lab, follow = false }: LabOption & { follow?: boolean }) => {
      const { labLogs } = await import('../lab/index.ts');
      for await (const text of labLogs(lab, machine, { follow })) process.stdout.write(text);
    });

  add('sabotage [name] [state]', 'make the platform wrong in one known way: <name> on, <name> off; without a name, list the ways')
    .action((name: string | undefined, state: string | undefined, { lab }: LabOption) => sabotage(lab, name, state));

  add('reset', 'bring a lab back to whole: no sabotage, every member healthy').action(async ({ lab }: LabOption) => {
    const { labReset } = await import('../lab/index.ts');
    const { replaced, rebuilt, tookMs } = await labReset(lab);
    const what = rebuilt ? 'etcd was made anew and is empty' : replaced.length > 0 ? `replaced: ${replaced.join(', ')}` : 'nothing to replace';
    print(`lab ${lab} is whole again after ${(tookMs / 1000).toFixed(1)} s (${what})`);
  });

  command
    .command('list')
    .description('list the labs that are up')
    .exitOverride()
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const { labList } = await import('../lab/index.ts');
      const labs = labList();
      if (json) return print(JSON.stringify(labs, null, 2));
      if (labs.length === 0) return print('no lab is up; start one with: firedrill lab up');
      for (const lab of labs) print(`${lab.name.padEnd(20)} ${lab.timing.padEnd(5)} since ${lab.createdAt}  ${lab.environmentFile ?? 'coming up'}`);
    });

  return command;
}

/**
 * Runs a program in front of the user. Not by execve, which would be simpler: Node has made the standard streams
 * non-blocking by then, and most programs lose output on such.
 *
 * @returns its exit code
 */
async function attended({ program, args, env }: Entrance): Promise<number> {
  const child = spawn(program, args, { env, stdio: 'inherit' });
  // A terminal sends Ctrl-C to both of us, and the program decides what that means.
  const ignore = (): void => {};
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGINT', ignore);
  process.on('SIGTERM', forward);
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + constants.signals[signal!];
  } finally {
    process.off('SIGINT', ignore);
    process.off('SIGTERM', forward);
  }
}

interface UpOptions extends LabOption {
  readonly timing: 'fast' | 'aws';
  readonly foreground?: boolean;
  readonly kubernetes?: boolean;
  readonly specimen?: boolean;
  readonly kubeAssets?: string | undefined;
}

async function up({ lab: name, timing, specimen = false, kubernetes = specimen, kubeAssets, foreground = false }: UpOptions): Promise<void> {
  const { environmentFileOf, labForCaller } = await import('../lab/index.ts');
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  try {
    const lab = await labForCaller({ name, timing, kubernetes, specimen, kubeAssets, environmentFile: environmentFileOf(name), onProgress: print, signal: interrupt.signal });
    print(`environment file: ${lab.environmentFile}`);
    if (!foreground) return await lab.stay();
    print('Ctrl-C ends it');
    const interrupted = new Promise<boolean>((resolve) => interrupt.signal.addEventListener('abort', () => resolve(true)));
    if (interrupt.signal.aborted || (await Promise.race([interrupted, lab.ended.then(() => false)]))) {
      await lab.end();
      return print(`lab ${name} is down`);
    }
    throw new ExpectedError(`lab ${name} was ended by somebody else`, exitCodes.interrupted);
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
}

async function sabotage(lab: string, name: string | undefined, state: string | undefined): Promise<void> {
  const { labSabotage, labSabotages } = await import('../lab/index.ts');
  if (name !== undefined && state !== 'on' && state !== 'off') {
    throw new ExpectedError(`sabotage ${name} needs "on" or "off", not "${state ?? ''}"`);
  }
  const switches = name === undefined ? await labSabotages(lab) : await labSabotage(lab, name, state === 'on');
  for (const each of switches) print(`${each.on ? 'on ' : 'off'}  ${each.name.padEnd(29)} ${each.description}`);
}
