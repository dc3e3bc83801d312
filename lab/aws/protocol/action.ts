import type { Caller, Cloud } from '../cloud.ts';
import type { Params } from './params.ts';
import type { XmlObject } from './xml.ts';

/**
 * One call of an API. A parameter that isn't listed is refused: a lab that ignored one would answer something else than
 * AWS without anybody noticing. `accepted` are those that AWS acts on and that change nothing here.
 */
export interface Action {
  readonly parameters: readonly string[];
  readonly accepted?: readonly string[];
  run(cloud: Cloud, params: Params, caller: Caller): XmlObject | Promise<XmlObject>;
}

export type Actions = Readonly<Record<string, Action>>;
