/** The ways in which the lab's platform can be made wrong on purpose: this is how the instrument itself is tested. */
export const sabotages = {
  'no-replacement': 'Auto Scaling Groups notice that an instance is gone, and launch nothing in its place.',
  'no-volume': 'A new instance can not attach its volume: every AttachVolume is refused. It starts with an empty disk.',
  'slow-replacement': 'Auto Scaling Groups take much longer than they should to launch a replacement.',
} as const;

export type SabotageName = keyof typeof sabotages;

export interface SabotageState {
  readonly name: SabotageName;
  readonly description: string;
  readonly on: boolean;
}

/** The switches of one running lab. */
export interface Sabotage {
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
export function createSabotage(): Sabotage {
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
