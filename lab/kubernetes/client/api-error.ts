/** The body of an answer that is not a success, `kind: Status`. */
export interface Status {
  readonly status?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: { readonly causes?: { readonly reason?: string; readonly message?: string }[]; readonly retryAfterSeconds?: number };
}

/** The API server answered, and the answer was no. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** The HTTP status. */
  readonly code: number;
  /** Such as `NotFound`, `AlreadyExists`, `Conflict`; empty when the answer had none. */
  readonly reason: string;
  readonly status: Status;
  constructor(what: string, code: number, status: Status) {
    super(`${what}: ${code} ${status.message ?? status.reason ?? ''}`.trim());
    this.code = code;
    this.reason = status.reason ?? '';
    this.status = status;
  }
}

/** No answer: the connection failed or the deadline passed. Whether a write was done is not known. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

/** There is no such object. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.code === 404;
}

/** An object of this name is there already. */
export function isAlreadyExists(error: unknown): boolean {
  return error instanceof ApiError && error.reason === 'AlreadyExists';
}

/** The object was changed by somebody else since it was read, or a precondition does not hold. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.code === 409 && error.reason !== 'AlreadyExists';
}

/** The position is too old to go on from: list again. */
export function isGone(error: unknown): boolean {
  return error instanceof ApiError && error.code === 410;
}
