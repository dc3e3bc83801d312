import type { JudgedChange } from '../../runner/verdict.ts';
import { nothing } from './times.ts';

/** A call as policies and logs name it, such as `ec2:TerminateInstances`. */
export function callOf({ service, action }: JudgedChange): string {
  return service === 'kubernetes' ? action : `${service}:${action}`;
}

/** What a call was made for, such as `undo of zone`. */
export function purposeOf({ fault, during }: JudgedChange): string {
  if (fault === null) return nothing;
  return during === 'inject' ? fault : `${during} of ${fault}`;
}
