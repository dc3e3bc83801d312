import { sabotageAmounts as awsAmounts, sabotages as awsSabotages, type Sabotage as AwsSabotage, type SabotageAmount } from './aws/sabotage.ts';
import { kubernetesSabotages, type KubernetesSabotage } from './kubernetes/sabotage.ts';

export type SabotageName = AwsSabotage | KubernetesSabotage;

/** Ways in which the lab can be made wrong while it runs, and what each does. */
export const sabotages: Readonly<Record<SabotageName, string>> = { ...awsSabotages, ...kubernetesSabotages };

const sabotageAmounts: Readonly<Partial<Record<SabotageName, SabotageAmount>>> = awsAmounts;

export interface SabotageState {
  readonly name: SabotageName;
  readonly description: string;
  readonly on: boolean;
  /** The number it was switched on with, such as the 10 of `api-down:10`; null for those that take none, and while off. */
  readonly amount: number | null;
}

/** The switches of one running lab: its AWS reads them at each decision, the machines of Kubernetes hear of each change. */
export interface SabotageRegistry {
  isOn(name: SabotageName): boolean;
  amount(name: SabotageName): number;
  /** @param amount for those that take a number; their usual one when not given */
  set(name: SabotageName, on: boolean, amount?: number): void;
  /** Switches everything off. */
  clear(): void;
  /** Called at each change; returns the way to stop. */
  onChange(listener: () => void): () => void;
  list(): SabotageState[];
}

/** A sabotage as the command line names it. */
export interface SabotageChoice {
  readonly name: SabotageName;
  readonly amount: number | undefined;
}

export function isSabotageName(name: string): name is SabotageName {
  return Object.hasOwn(sabotages, name);
}

/** A sabotage that there isn't, or a number that it can't have. The message says what would be accepted. */
export class SabotageError extends Error {
  override readonly name = 'SabotageError';
}

/**
 * Reads `no-volume` or `api-down:10`.
 *
 * @param on to switch one off its name is enough
 * @throws SabotageError
 */
export function readSabotage(text: string, on = true): SabotageChoice {
  const [name = '', number, ...rest] = text.split(':');
  if (!isSabotageName(name)) {
    throw new SabotageError(`there is no sabotage "${text}"; there are ${Object.keys(sabotages).join(', ')}`);
  }
  const accepts = sabotageAmounts[name];
  if (accepts === undefined && number !== undefined) {
    throw new SabotageError(`the sabotage ${name} takes no number, and "${text}" gives one`);
  }
  if (accepts === undefined || (number === undefined && (accepts.usual !== undefined || !on))) return { name, amount: undefined };
  const { unit, least, most, usual } = accepts;
  const amount = Number(number);
  if (rest.length > 0 || !/^\d+$/.test(number ?? '') || amount < least || amount > most) {
    throw new SabotageError(`the sabotage "${text}" needs a number of ${unit} from ${least} to ${most}, as in ${name}:${usual ?? 10}`);
  }
  return { name, amount };
}

/** A registry with every switch off. `api-down` goes off by itself when its time is over. */
export function createSabotage(): SabotageRegistry {
  const on = new Map<SabotageName, { amount: number | undefined; endsAt: number }>();
  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  const current = (name: SabotageName) => {
    const found = on.get(name);
    if (found === undefined || performance.now() < found.endsAt) return found;
    on.delete(name);
    return undefined;
  };
  return {
    isOn: (name) => current(name) !== undefined,
    amount: (name) => current(name)?.amount ?? sabotageAmounts[name]?.usual ?? 0,
    set(name, value, amount = sabotageAmounts[name]?.usual) {
      const endsAt = name === 'api-down' && amount !== undefined ? performance.now() + amount * 1000 : Infinity;
      if (value) on.set(name, { amount, endsAt });
      else on.delete(name);
      changed();
    },
    clear() {
      on.clear();
      changed();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    list: () =>
      (Object.keys(sabotages) as SabotageName[]).map((name) => ({
        name,
        description: sabotages[name],
        on: current(name) !== undefined,
        amount: current(name)?.amount ?? null,
      })),
  };
}
