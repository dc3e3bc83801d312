/** One reason among several, as `details.causes` has them. */
export interface Cause {
  readonly reason?: string;
  readonly message: string;
  readonly field?: string;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly Cause[];
  readonly retryAfterSeconds?: number;
}

/** The body of every answer that isn't an object. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: { readonly continue?: string };
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code?: number;
}

/** A refusal: thrown anywhere below a request, it becomes the answer. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly status: Status;
  constructor(code: number, reason: string | undefined, message: string, details?: StatusDetails, continueToken?: string) {
    super(message);
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: continueToken === undefined ? {} : { continue: continueToken },
      status: 'Failure',
      message,
      ...(reason === undefined ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      code,
    };
  }
}

/** What names a resource in messages: `deployments.apps`. */
export interface ResourceName {
  readonly group: string;
  readonly plural: string;
}

export function qualified({ group, plural }: ResourceName): string {
  return group === '' ? plural : `${plural}.${group}`;
}

function detailsOf({ group, plural }: ResourceName, name?: string): StatusDetails {
  return { ...(name ? { name } : {}), ...(group === '' ? {} : { group }), kind: plural };
}

export const unauthorized = () => new StatusError(401, 'Unauthorized', 'Unauthorized');

export const badRequest = (message: string) => new StatusError(400, 'BadRequest', message);

export const notFound = (resource: ResourceName, name: string) =>
  new StatusError(404, 'NotFound', `${qualified(resource)} "${name}" not found`, detailsOf(resource, name));

/** For a path that no resource has. */
export const noSuchResource = () => new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});

export const alreadyExists = (resource: ResourceName, name: string) =>
  new StatusError(409, 'AlreadyExists', `${qualified(resource)} "${name}" already exists`, detailsOf(resource, name));

export const conflict = (resource: ResourceName, name: string, why: string) =>
  new StatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`,
    detailsOf(resource, name),
  );

export const modified = (resource: ResourceName, name: string) =>
  conflict(resource, name, 'the object has been modified; please apply your changes to the latest version and try again');

export const forbidden = (resource: ResourceName, name: string | undefined, why: string, causes?: readonly Cause[]) =>
  new StatusError(403, 'Forbidden', `${qualified(resource)}${name ? ` "${name}"` : ''} is forbidden: ${why}`, {
    ...detailsOf(resource, name),
    ...(causes ? { causes } : {}),
  });

export const methodNotAllowed = () =>
  new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});

export const expired = (message: string, continueToken?: string) => new StatusError(410, 'Expired', message, undefined, continueToken);

export const unsupportedMediaType = (message: string) => new StatusError(415, 'UnsupportedMediaType', message);

export const internal = (message: string) => new StatusError(500, undefined, message);

/** What can't be done with this content. */
export interface FieldError {
  readonly reason: 'FieldValueInvalid' | 'FieldValueRequired' | 'FieldValueForbidden' | 'FieldValueNotSupported' | 'FieldValueDuplicate' | 'FieldValueTypeInvalid';
  readonly field: string;
  /** With its beginning, such as `Invalid value: "x": …`. */
  readonly message: string;
}

export function invalid(kind: string, group: string, name: string, errors: readonly FieldError[]): StatusError {
  const list = errors.map(({ field, message }) => `${field}: ${message}`);
  const text = list.length === 1 ? list[0]! : `[${list.join(', ')}]`;
  return new StatusError(422, 'Invalid', `${kind}${group === '' ? '' : `.${group}`} "${name}" is invalid: ${text}`, {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    ...(kind === '' ? {} : { kind }),
    causes: errors.map(({ reason, message, field }) => ({ reason, message, field })),
  });
}
