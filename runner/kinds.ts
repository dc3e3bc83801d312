import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, extname } from 'node:path';
import type { Scenario } from '../scenarios/schema.ts';
import type { Fault } from './fault.ts';
import type { Needs } from './look.ts';
import type { Probe } from './probe.ts';

/** Every kind of fault and probe that there is, by name. */
export interface Kinds {
  // Each kind has keys of its own, which the loader has checked against that kind's schema.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly faults: Readonly<Record<string, Fault<any>>>;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly probes: Readonly<Record<string, Probe<any>>>;
}

/**
 * The kinds are the files: `faults/instance-terminate.ts` is `kind: instance-terminate`. Each is loaded when it is first asked
 * for, as a drill names few of them; no SDK is, as the files get their clients through the world.
 */
export async function loadKinds(): Promise<Kinds> {
  const [faults, probes] = await Promise.all([loadFolder<Fault>('faults'), loadFolder<Probe>('probes')]);
  return { faults, probes };
}

/** The drill with the pace and the deadline of each probe written out, so that the journal says what was done. */
export function withDefaults(scenario: Scenario, { probes }: Kinds): Scenario {
  const filled = Object.entries(scenario.probes).map(([name, spec]) => {
    const defaults = probes[spec.kind]?.defaults;
    return [name, { ...(defaults && { every: defaults.everyMs, timeout: defaults.timeoutMs }), ...spec }];
  });
  return { ...scenario, probes: Object.fromEntries(filled) as Scenario['probes'] };
}

/** What these faults and probes need of an inventory. */
export function needsOf(specs: { faults?: readonly { kind: string }[]; probes?: Readonly<Record<string, { kind: string }>> }, kinds: Kinds): Needs {
  const used = [
    ...(specs.faults ?? []).map(({ kind }) => kinds.faults[kind]?.needs),
    ...Object.values(specs.probes ?? {}).flatMap((spec) => [kinds.probes[spec.kind]?.needs, kinds.probes[spec.kind]?.asks?.(spec).needs]),
  ];
  return { kubernetes: used.some((needs) => needs?.includes('kubernetes')) };
}

const require = createRequire(import.meta.url);

async function loadFolder<T>(folder: string): Promise<Record<string, T>> {
  const files = (await readdir(new URL(`./${folder}/`, import.meta.url))).filter((file) => /(?<!\.d)\.[jt]s$/.test(file)).sort();
  const kinds: Record<string, T> = {};
  for (const file of files) {
    // require() gives the module at once, and the same one again.
    const get = (): T => (require(`./${folder}/${file}`) as { default: T }).default;
    Object.defineProperty(kinds, basename(file, extname(file)), { enumerable: true, get });
  }
  return kinds;
}
