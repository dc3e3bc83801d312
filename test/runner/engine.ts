import { tmpdir } from 'node:os';
import { z } from 'zod';
import type { Fault } from '../../runner/fault.ts';
import { openJournal, parseJournal, type JournalSink } from '../../runner/journal-file.ts';
import type { Entry, EntryType, Outcome } from '../../runner/journal.ts';
import type { Kinds } from '../../runner/kinds.ts';
import { createMask } from '../../runner/mask.ts';
import { prepare } from '../../runner/prepare.ts';
import type { Answer, Probe } from '../../runner/probe.ts';
import { run } from '../../runner/run.ts';
import type { World } from '../../runner/world.ts';
import type { Scenario } from '../../scenarios/schema.ts';
import { sampleEnvironment } from './sample-platform.ts';
import { sampleScenario } from './sample-scenario.ts';
import { simulatedClock, type SimulatedClock } from './simulated-clock.ts';

/** A service that tests break and mend: all that the engine's tests know of a platform. */
export class Service {
  broken = new Set<string>();
  /** Everything that was done to it, in order. */
  readonly log: string[] = [];
  /** Thrown by the next injections, or undos, while there are any. */
  readonly injectErrors: Error[] = [];
  readonly undoErrors: Error[] = [];
  /** An injection, or an undo, whose answer takes this long, in milliseconds. */
  injectTakesMs = 0;
  undoTakesMs = 0;
  undoAwaits: string | undefined;
  answer: () => Answer = () => (this.broken.size > 0 ? { value: 'bad', why: 'broken' } : { value: 'good' });
}

/** A fault that breaks the service and can undo it, one that kills it for a while, and a probe. */
export function serviceKinds(service: Service): Kinds {
  const targets = [{ kind: 'instance' as const, name: 'svc', id: 'i-1', zone: 'z', roles: [], group: undefined, etcdMember: undefined }];
  const base = { summary: '', schema: z.strictObject({}), selects: [], permissions: { iam: [] } };
  const stop: Fault = {
    ...base,
    plan: async (spec) => ({ targets, says: 'stop it', undo: { service: spec.id }, objections: [] }),
    async inject(plan, { clock }) {
      service.log.push(`inject ${String(plan.undo?.['service'])}`);
      await clock.sleep(service.injectTakesMs);
      const error = service.injectErrors.shift();
      service.broken.add(String(plan.undo?.['service']));
      if (error) throw error;
    },
    async undo(record, { clock, awaits }) {
      service.log.push(`undo ${String(record['service'])}`);
      awaits?.(service.undoAwaits);
      await clock.sleep(service.undoTakesMs);
      const error = service.undoErrors.shift();
      if (error) throw error;
      service.broken.delete(String(record['service']));
      return 'started it again';
    },
  };
  const kill: Fault = {
    ...base,
    plan: async (spec) => ({ targets, says: 'kill it', undo: null, objections: spec.id === 'bad' ? ['it must not be'] : [] }),
    async inject() {
      service.log.push('kill');
    },
  };
  const ping: Probe = {
    ...base,
    defaults: { everyMs: 100, timeoutMs: 1_000 },
    open: async (_, { name }) => ({
      streams: [{ name, ask: async () => service.answer() }],
      close: async () => void service.log.push('close'),
    }),
  };
  return { faults: { stop, kill }, probes: { ping } };
}

export interface Ran {
  readonly outcome: Outcome;
  readonly entries: readonly Entry[];
  /** Entries of one type. */
  of<T extends EntryType>(type: T): Extract<Entry, { type: T }>[];
}

/**
 * Runs a drill on the service by a simulated clock.
 *
 * @param during called when the run has begun, to change things at times of the clock
 */
export async function runDrill(
  service: Service,
  overrides: Partial<Scenario>,
  options: { during?: (clock: SimulatedClock, interrupt: AbortController) => void; openSink?: (path: string) => Promise<JournalSink>; environment?: object; allowProtected?: string; probes?: Kinds['probes']; world?: (clock: SimulatedClock) => Partial<World> } = {},
): Promise<Ran> {
  const clock = simulatedClock();
  const interrupt = new AbortController();
  const own = serviceKinds(service);
  const kinds = { ...own, probes: { ...own.probes, ...options.probes } };
  const scenario = sampleScenario({
    probes: { p: { kind: 'ping' } },
    faults: [{ id: 'f', kind: 'stop', at: 0 }],
    ...overrides,
  });
  const world = { environment: sampleEnvironment({ aws: undefined, etcd: undefined, ...options.environment }), ...options.world?.(clock) } as World;
  const prepared = await prepare({ scenario, world, kinds, seed: 1, clock, allowProtected: options.allowProtected });
  // A real disk takes real time, and the simulated clock would run ahead of it.
  const written: string[] = [];
  const inMemory = async (): Promise<JournalSink> => ({
    write: async (text) => void written.push(text),
    sync: async () => {},
    close: async () => {},
  });
  const journal = await openJournal({ folder: tmpdir(), clock, mask: createMask(), openSink: options.openSink ?? inMemory });
  options.during?.(clock, interrupt);
  const outcome = await clock.until(
    run({
      ...prepared,
      scenario,
      source: 'drill',
      world,
      kinds,
      seed: 1,
      id: 'run-1',
      journal,
      clock,
      versions: { firedrill: '0', node: '0' },
      command: 'firedrill run drill',
      interrupt: interrupt.signal,
    }),
  );
  await journal.close();
  const entries = [...parseJournal(written.join(''), 'journal'), ...journal.unwritten];
  return { outcome, entries, of: (type) => entries.filter((entry) => entry.type === type) as never };
}
