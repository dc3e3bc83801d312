/** What can be asked of a register or of the keys of a store, without revisions. */
export type Call =
  | { readonly f: 'read' }
  | { readonly f: 'write'; readonly value: string }
  | { readonly f: 'cas'; readonly from: string; readonly to: string }
  | { readonly f: 'append'; readonly value: string };

/** A value, or null where nothing was ever written (and for an answer that says nothing of the value). */
export type Value = string | null;

/** An operation on one key; a register has the key ''. */
export interface PlainOperation {
  readonly client: string;
  readonly key: string;
  readonly call: Call;
  /** What a read gave, or what a comparison came to where a failed one is known to have looked. */
  readonly answer: Value;
  readonly callMs: number;
  /** Infinity where the answer was lost: it may have taken effect at any time after its call, or never. */
  readonly returnMs: number;
  /** A comparison that failed: the value was another one. */
  readonly differs?: true;
  readonly line: number;
}
