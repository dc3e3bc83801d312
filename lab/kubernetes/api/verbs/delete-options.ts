import type { Call } from '../call.ts';
import { badRequest, invalid } from '../errors.ts';
import { readObject } from '../http/body.ts';
import type { Loose } from '../object.ts';

export interface DeleteOptions {
  /** Undefined: what the object itself says. */
  readonly graceSeconds: number | undefined;
  readonly propagation: 'Orphan' | 'Background' | 'Foreground' | undefined;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  readonly dryRun: boolean;
}

/**
 * Reads the options of a deletion: from the body if there is one, and then the query counts for nothing, `dryRun` included.
 *
 * @throws StatusError 400, 415, 422
 */
export function readDeleteOptions({ body, contentType, query }: Pick<Call, 'body' | 'contentType' | 'query'>): DeleteOptions {
  const given: Loose = body.length > 0 ? readObject(contentType, body, 'DeleteOptions') : fromQuery(query);
  return deleteOptionsOf(given);
}

export function deleteOptionsOf(given: Loose): DeleteOptions {
  const policy = given.propagationPolicy ?? (given.orphanDependents === true ? 'Orphan' : undefined);
  if (policy !== undefined && !['Orphan', 'Background', 'Foreground'].includes(policy)) {
    const message = `Unsupported value: "${policy}": supported values: "Background", "Foreground", "Orphan"`;
    throw invalid('DeleteOptions', 'meta.k8s.io', '', [{ reason: 'FieldValueNotSupported', field: 'propagationPolicy', message }]);
  }
  const dryRun: string[] = given.dryRun ?? [];
  if (dryRun.some((value) => value !== 'All')) {
    const message = `Unsupported value: ${JSON.stringify(dryRun)}: supported values: "All"`;
    throw invalid('DeleteOptions', 'meta.k8s.io', '', [{ reason: 'FieldValueNotSupported', field: 'dryRun', message }]);
  }
  return {
    graceSeconds: given.gracePeriodSeconds ?? undefined,
    propagation: policy,
    uid: given.preconditions?.uid,
    resourceVersion: given.preconditions?.resourceVersion,
    dryRun: dryRun.length > 0,
  };
}

function fromQuery(query: URLSearchParams): Loose {
  const grace = query.get('gracePeriodSeconds');
  if (grace !== null && !/^-?\d+$/.test(grace)) throw badRequest(`strconv.ParseInt: parsing "${grace}": invalid syntax`);
  return {
    ...(grace === null ? {} : { gracePeriodSeconds: Number(grace) }),
    ...(query.has('propagationPolicy') ? { propagationPolicy: query.get('propagationPolicy') } : {}),
    ...(query.get('orphanDependents') === 'true' ? { orphanDependents: true } : {}),
    dryRun: query.getAll('dryRun').filter((value) => value !== ''),
  };
}
