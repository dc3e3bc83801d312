export type LabErrorCode =
  | 'unsupported-system'
  | 'missing-program'
  | 'no-namespaces'
  | 'already-up'
  | 'not-up'
  | 'bad-name'
  | 'bad-assets'
  | 'unknown-instance'
  | 'unknown-sabotage'
  | 'taken'
  | 'start-failed'
  | 'interrupted';

/** A failure that was foreseen. The message says what was wrong and what to do; it is meant to be printed as it is. */
export class LabError extends Error {
  override readonly name = 'LabError';
  readonly code: LabErrorCode;
  /** What the command line ends with: 2 when there is no lab to work with, 130 when the user interrupted. */
  readonly exitCode: number;
  constructor(code: LabErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.exitCode = code === 'interrupted' ? 130 : 2;
  }
}

/** The code of a failed system call, such as `ENOENT`; undefined for anything else. */
export function systemCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
}
