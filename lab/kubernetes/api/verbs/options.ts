import { invalid, type FieldError } from '../errors.ts';

/** Options of a change that stand in the query. */
export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldValidation: 'Strict' | 'Warn' | 'Ignore';
  readonly fieldManager: string | undefined;
}

/**
 * Reads `dryRun`, `fieldValidation` and `fieldManager`.
 *
 * @param kind as messages name it, such as `CreateOptions`
 * @throws StatusError 422
 */
export function readWriteOptions(query: URLSearchParams, kind: string): WriteOptions {
  const errors: FieldError[] = [];
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  if (dryRun.some((value) => value !== 'All')) {
    const message = `Unsupported value: ${JSON.stringify(dryRun)}: supported values: "All"`;
    errors.push({ reason: 'FieldValueNotSupported', field: 'dryRun', message });
  }
  const fieldValidation = query.get('fieldValidation') ?? '';
  if (!['', 'Ignore', 'Strict', 'Warn'].includes(fieldValidation)) {
    const message = `Unsupported value: ${JSON.stringify(fieldValidation)}: supported values: "", "Ignore", "Strict", "Warn"`;
    errors.push({ reason: 'FieldValueNotSupported', field: 'fieldValidation', message });
  }
  if (errors.length > 0) throw invalid(kind, 'meta.k8s.io', '', errors);
  return {
    dryRun: dryRun.length > 0,
    fieldValidation: (fieldValidation || 'Warn') as WriteOptions['fieldValidation'],
    fieldManager: query.get('fieldManager') ?? undefined,
  };
}
