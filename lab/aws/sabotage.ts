/** Ways in which the lab's AWS can be made wrong while it runs. A drill that passes with one of them on is a bug. */
export const sabotages = {
  'no-replacement': 'groups notice a loss but every launch fails for want of capacity',
  'no-volume': 'no volume can be attached to an instance any more',
  'slow-replacement': 'the launches of groups take half a minute longer',
} as const;

export type Sabotage = keyof typeof sabotages;

/** Read at the moment of each decision, so that a switch works at once. */
export interface SabotageSwitches {
  isOn(name: Sabotage): boolean;
}
