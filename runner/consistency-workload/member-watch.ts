import type { EtcdStore } from '../clients/etcd-store.ts';
import { EtcdFailure } from '../clients/etcd.ts';
import type { Clock } from '../clock.ts';
import type { WatchRecord } from '../consistency/records.ts';

export interface MemberWatchInput {
  readonly member: string;
  readonly store: EtcdStore;
  /** The first revision that it has to tell of. */
  readonly from: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  time(clockMs: number): number;
  record(record: WatchRecord): void;
}

const openAgainMs = 500;
/** A watch that is so far behind a write that was acknowledged hangs: a machine that dies says no goodbye. */
const hangsAfterMs = 5_000;

/** A watch on one member that is resumed behind what it has told, whenever it ends or hangs. */
export class MemberWatch {
  readonly #input: MemberWatchInput;
  readonly #closed = new AbortController();
  readonly #over = Promise.withResolvers<void>();
  readonly #running: Promise<void>;
  #toldUpTo: number;
  #wanted = 0;
  #behindSinceMs = Infinity;
  #end: (() => void) | undefined;

  constructor(input: MemberWatchInput) {
    this.#input = input;
    this.#toldUpTo = input.from - 1;
    this.#running = this.#run();
  }

  /** The newest revision that it has told of. */
  get toldUpTo(): number {
    return this.#toldUpTo;
  }

  /** There is a revision that it has to tell of, sooner or later. */
  expect(revision: number): void {
    if (revision <= this.#wanted) return;
    this.#wanted = revision;
    const nowMs = this.#input.clock.now();
    if (this.#toldUpTo < revision) this.#behindSinceMs = Math.min(this.#behindSinceMs, nowMs);
    if (nowMs - this.#behindSinceMs <= hangsAfterMs) return;
    this.#behindSinceMs = nowMs;
    this.#end?.();
  }

  async close(): Promise<void> {
    this.#closed.abort(new Error('closed'));
    this.#over.resolve();
    this.#end?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock } = this.#input;
    const { signal } = this.#closed;
    while (!signal.aborted) {
      await this.#once();
      await Promise.race([clock.sleep(openAgainMs), this.#over.promise]);
    }
  }

  /** Watches until it ends, however that is; where it can't be had, at once. */
  async #once(): Promise<void> {
    const { store, timeoutMs, clock, time, record, member } = this.#input;
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const from = this.#toldUpTo + 1;
    const named = (): { watch: string; m: string; t: number } => ({ watch: member, m: member, t: time(clock.now()) });
    let live = true;
    this.#end = () => {
      live = false;
      resolve();
    };
    let cancel: () => void;
    try {
      cancel = await store.watch(from, {
        told: ({ r, events, opened, compacted }) => {
          if (!live) return;
          if (opened) record({ ...named(), from });
          if (compacted !== undefined) {
            record({ ...named(), r, compacted });
            this.#toldUpTo = Math.max(this.#toldUpTo, compacted - 1);
          }
          if (events.length === 0) return;
          record({ ...named(), r, events });
          const last = events.at(-1)!;
          this.#toldUpTo = Math.max(this.#toldUpTo, last[0] === 'put' ? last[3] : last[2]);
          this.#behindSinceMs = this.#toldUpTo >= this.#wanted ? Infinity : clock.now();
        },
        ended: () => resolve(),
      }, timeoutMs);
    } catch (error) {
      if (error instanceof EtcdFailure) return;
      throw error;
    }
    await over;
    live = false;
    cancel();
  }
}
