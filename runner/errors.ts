/** What a command ends with; the table is in the README. */
export const exitCodes = {
  held: 0,
  broken: 1,
  badInput: 2,
  refused: 3,
  inconclusive: 4,
  aborted: 5,
  notUndone: 6,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** A failure that was foreseen: its message says what was wrong and what to do, and is printed without a stack. */
export class ExpectedError extends Error {
  override readonly name: string = 'ExpectedError';
  readonly exitCode: ExitCode;
  constructor(message: string, exitCode: ExitCode = exitCodes.badInput, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** The guard said no. Nothing was touched. */
export class Refused extends ExpectedError {
  override readonly name = 'Refused';
  readonly reasons: readonly string[];
  constructor(reasons: readonly string[]) {
    super(reasons.map((reason) => `refused: ${reason}`).join('\n'), exitCodes.refused);
    this.reasons = reasons;
  }
}

/** The message of anything that was thrown, in one line. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return thrown.errors.map(messageOf).join('; ');
  if (thrown instanceof Error) return thrown.message || thrown.name;
  return String(thrown);
}
