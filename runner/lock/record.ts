import { z } from 'zod';

/** What a lock says of who holds it. Plain data: it is a file's content, or a Lease's. */
export const lockRecord = z.object({
  run: z.string(),
  environment: z.string(),
  host: z.string(),
  pid: z.number(),
  /** UTC, as all times here. */
  since: z.string(),
  renewed: z.string(),
  /** How long it holds from `renewed` on when nobody renews it. */
  lastsMs: z.number(),
  /** The folder of the run, on that host. */
  folder: z.string(),
  /** Somebody wants the run to end. */
  stop: z.object({ by: z.string(), at: z.string() }).optional(),
});

export type LockRecord = Readonly<z.output<typeof lockRecord>>;

/** Where a lock is kept. */
export interface LockStore {
  /** For people: `lock /tmp/x.lock`, `Lease ops/firedrill`. */
  readonly where: string;
  /** How often its holder looks whether it is wanted, in milliseconds. */
  readonly lookEveryMs: number;
  /** @returns undefined when nobody holds it. What is there and no lock of ours is left alone: a file is an error at once, a Lease when it is to be taken */
  read(): Promise<LockRecord | undefined>;
  /**
   * Replaces what is there by what `decide` makes of it, with nobody in between: it may be asked again when somebody was.
   *
   * @param decide gets what is there; what it throws is passed on, and nothing is changed. The same back: nothing is changed
   * @returns what is there now
   * @throws ExpectedError when it can't be changed
   */
  change(decide: (held: LockRecord | undefined) => LockRecord | undefined): Promise<LockRecord | undefined>;
}

/** When it ends unless it is renewed: milliseconds since 1970. */
export function endsAt({ renewed, lastsMs }: LockRecord): number {
  return Date.parse(renewed) + lastsMs;
}
