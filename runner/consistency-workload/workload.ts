import type { EtcdFleet } from '../clients/etcd.ts';
import type { Clock } from '../clock.ts';
import { historyVersion, type HistoryHead, type HistoryRecord, type OperationRecord } from '../consistency/records.ts';
import { messageOf } from '../errors.ts';
import type { Rng } from '../rng.ts';
import { ask } from './ask.ts';
import { Client } from './client.ts';
import { finish } from './finish.ts';
import { MemberWatch } from './member-watch.ts';
import { allKeys, chooser } from './requests.ts';

/** Writes that are timed before the workload begins, at the most: it takes less than a second at any rate. */
const samplesAlone = 18;

export interface WorkloadInput {
  readonly fleet: EtcdFleet;
  /** What its keys begin with; nothing may be there. */
  readonly prefix: string;
  readonly clients: number;
  readonly keys: number;
  /** Of all clients together. */
  readonly perSecond: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly rng: Rng;
  /** Makes the place for the records. */
  begin(head: HistoryHead): Promise<(record: HistoryRecord) => void>;
  /** Told of each operation as it ends. */
  onOperation(record: OperationRecord): void;
}

/** Clients that use etcd as services do, and a record of all that they were told. */
export class Workload {
  readonly #input: WorkloadInput;
  readonly #clients: readonly Client[];
  readonly #watches: readonly MemberWatch[];
  readonly #time: (clockMs: number) => number;
  readonly #record: (record: HistoryRecord) => void;
  readonly #stopping = new AbortController();
  readonly #running: Promise<unknown>;

  private constructor(input: WorkloadInput, originMs: number, firstRevision: number, write: (record: HistoryRecord) => void) {
    const { fleet, prefix, clock, rng, timeoutMs, onOperation } = input;
    const time = timeFrom(originMs);
    const draws = chooser(rng, input.keys);
    this.#input = input;
    this.#time = time;
    this.#record = write;
    const record = (operation: OperationRecord): void => {
      write(operation);
      const isWrite = operation.op !== 'get' && operation.op !== 'range';
      if (isWrite && changed(operation)) for (const watch of this.#watches) watch.expect(operation.r!);
      onOperation(operation);
    };
    const membersOf = memberOfClient(fleet);
    this.#clients = Array.from({ length: input.clients }, (_, client) => {
      return new Client({ client, store: membersOf(client).store(prefix), timeoutMs, clock, time, chooser: draws, firstRevision, record });
    });
    this.#watches = fleet.members.map((member) => {
      return new MemberWatch({ member: member.name, store: member.store(prefix), from: firstRevision + 1, timeoutMs, clock, time, record: write });
    });
    this.#running = Promise.all(this.#clients.map((client, index) => this.#keepAsking(client, index)));
  }

  /** @throws Error when no member tells where the history begins, or there are keys already */
  static async start(input: WorkloadInput): Promise<Workload> {
    const { fleet, clock, prefix, clients, timeoutMs } = input;
    const membersOf = memberOfClient(fleet);
    const members = Array.from({ length: clients }, (_, client) => membersOf(client).name);
    const alone = await writesAlone(input);
    const originMs = clock.now();
    const write = await input.begin({ firedrill: 'etcd-history', version: historyVersion, members, startedAt: new Date(clock.wall()).toISOString(), prefix, alone });
    let why = '';
    for (let client = 0; client < clients; client += 1) {
      const first = await ask({ client, store: membersOf(client).store(prefix), request: { op: 'range', ...allKeys }, timeoutMs, clock, time: timeFrom(originMs) });
      if (first.op !== 'range' || first.r === undefined) {
        why = first.why ?? '';
        continue;
      }
      if (first.rows?.length) throw new Error(`there are keys below ${prefix} already`);
      write(first);
      return new Workload(input, originMs, first.r, write);
    }
    throw new Error(`no member can be read: ${why}`);
  }

  /** Ends it: reads everything, compares the members, and waits for the watches. Never takes longer than some deadlines. */
  async finish(): Promise<void> {
    const { fleet, prefix, timeoutMs, clock } = this.#input;
    this.#stopping.abort(new Error('the run ends'));
    await this.#running;
    const members = fleet.members.map((member) => ({ member, store: member.store(prefix) }));
    await finish({ clients: this.#clients, watches: this.#watches, members, timeoutMs, clock, time: this.#time, record: this.#record });
    await Promise.all(this.#watches.map((watch) => watch.close()));
  }

  /** At its own pace; a question that took longer delays the next, as there is only one at a time. */
  async #keepAsking(client: Client, index: number): Promise<void> {
    const { clock, clients, perSecond } = this.#input;
    const { signal } = this.#stopping;
    const everyMs = (1000 * clients) / perSecond;
    let dueMs = clock.now() + (everyMs * index) / clients;
    while (await sleptUntil(dueMs, clock, signal)) {
      await client.next();
      dueMs = Math.max(dueMs + everyMs, clock.now());
    }
  }
}

/**
 * What writes take while nothing else of ours is asked: deletions of a key that isn't there, on which etcd agrees as on any
 * other write, and which change nothing. With the first that fails it is over.
 */
async function writesAlone({ fleet, prefix, perSecond, timeoutMs, clock }: WorkloadInput): Promise<number[]> {
  const membersOf = memberOfClient(fleet);
  const took: number[] = [];
  for (let client = 0; client < Math.min(samplesAlone, perSecond); client += 1) {
    if (client > 0) await clock.sleep(1_000 / perSecond);
    const { t, is } = await ask({ client, store: membersOf(client).store(prefix), request: { op: 'delete', k: allKeys.k }, timeoutMs, clock, time: timeFrom(0) });
    // The others would take a deadline each.
    if (is !== undefined || t[1] === null) break;
    took.push(Math.round((t[1] - t[0]) * 1_000) / 1_000);
  }
  return took;
}

/** Clients share the members out among them, in turn. */
function memberOfClient({ members }: EtcdFleet) {
  return (client: number) => members[client % members.length]!;
}

function timeFrom(originMs: number): (clockMs: number) => number {
  return (clockMs) => Math.round((clockMs - originMs) * 1_000) / 1_000;
}

/** Whether a success has made a revision of its own. */
function changed(operation: OperationRecord): boolean {
  if (operation.is !== undefined) return false;
  if (operation.op === 'put') return true;
  if (operation.op === 'delete') return operation.deleted !== 0;
  return operation.op === 'txn' && operation.succeeded === true;
}

async function sleptUntil(dueMs: number, clock: Clock, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(dueMs - clock.now(), signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw new Error(messageOf(error), { cause: error });
  }
}
