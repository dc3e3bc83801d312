import { sabotages, type Sabotage as SabotageName } from './aws/index.ts';

export { sabotages };
export type { SabotageName };

export interface SabotageState {
  readonly name: SabotageName;
  readonly description: string;
  readonly on: boolean;
}

/** The switches of one running lab; the lab's AWS reads them at each decision. */
export interface SabotageRegistry {
  isOn(name: SabotageName): boolean;
  set(name: SabotageName, on: boolean): void;
  /** Switches everything off. */
  clear(): void;
  list(): SabotageState[];
}

export function isSabotageName(name: string): name is SabotageName {
  return Object.hasOwn(sabotages, name);
}

/** A registry with every switch off. */
export function createSabotage(): SabotageRegistry {
  const on = new Set<SabotageName>();
  return {
    isOn: (name) => on.has(name),
    set(name, value) {
      if (value) on.add(name);
      else on.delete(name);
    },
    clear: () => on.clear(),
    list: () =>
      (Object.keys(sabotages) as SabotageName[]).map((name) => ({ name, description: sabotages[name], on: on.has(name) })),
  };
}
