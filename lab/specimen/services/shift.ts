/** Which share of a service's requests goes to another version of it. */
export interface Shift {
  readonly service: string;
  readonly to: string;
  readonly percent: number;
}

/**
 * Reads `accounts-v2:10,feed-v3:1`: a tenth of what is for `accounts` goes to `accounts-v2`.
 *
 * @throws Error for what can't be read
 */
export function shiftsIn(text: string): Shift[] {
  return text.split(',').map((part) => part.trim()).filter(Boolean).map((part) => {
    const [, service, version, number] = /^([a-z][a-z-]*)-(v\d+):(\d+(?:\.\d+)?)$/.exec(part) ?? [];
    const percent = Number(number);
    if (service === undefined || percent > 100) throw new Error(`SHIFT is "${text}"; give a service's version and a percentage, such as accounts-v2:10`);
    return { service, to: `${service}-${version}`, percent };
  });
}

/**
 * The name under which a request for a service is sent.
 *
 * @param chance from 0 up to, but without, 1
 */
export function shifted(service: string, shifts: readonly Shift[], chance: number): string {
  let above = 0;
  for (const shift of shifts) {
    if (shift.service !== service) continue;
    above += shift.percent;
    if (chance * 100 < above) return shift.to;
  }
  return service;
}
