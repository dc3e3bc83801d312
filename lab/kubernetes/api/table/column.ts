import type { KubeObject } from '../object.ts';
import { since } from './duration.ts';

/** One column of a resource's table. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer';
  readonly format: string;
  readonly description: string;
  /** 1 is shown with `-o wide` only. */
  readonly priority: 0 | 1;
  cell(object: KubeObject): string | number | boolean;
}

export function column(name: string, cell: Column['cell'], extras: Partial<Omit<Column, 'name' | 'cell'>> = {}): Column {
  return { name, type: 'string', format: '', description: `${name} of the object.`, priority: 0, ...extras, cell };
}

export const nameColumn = column('Name', ({ metadata }) => metadata.name, { format: 'name' });
export const ageColumn = column('Age', ({ metadata }) => since(metadata.creationTimestamp));
