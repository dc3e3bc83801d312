import { createHash } from 'node:crypto';

/** Every account there could be is there: what it has follows from its number, the same in every pod. */
export const isAccount = (id: string | undefined): id is string => id !== undefined && /^acc_[a-z0-9]{1,32}$/.test(id);

/** @returns a whole number from 0 up to, but without, `below` */
export function numberFrom(text: string, below: number): number {
  return createHash('sha256').update(text).digest().readUInt32BE() % below;
}
