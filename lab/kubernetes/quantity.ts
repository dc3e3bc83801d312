import type { Pod, PodSpec } from './objects.ts';

const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18,
  Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60,
};

/** `250m` → 0.25, `1Gi` → 1073741824. What can't be read counts as nothing. */
export function readQuantity(text: string | number | undefined): number {
  const match = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(String(text ?? 0));
  const factor = match ? suffixes[match[2] ?? ''] : undefined;
  return match && factor !== undefined ? Number(match[1]) * factor : 0;
}

/** What a pod asks for: all its containers together, or its largest init container where that is more. */
export function podRequests(spec: PodSpec): Record<string, number> {
  const total: Record<string, number> = {};
  const raise = (name: string, value: number): void => void (total[name] = value);
  for (const { resources } of spec.containers) {
    for (const [name, value] of Object.entries({ ...resources?.limits, ...resources?.requests })) raise(name, (total[name] ?? 0) + readQuantity(value));
  }
  for (const { resources } of spec.initContainers ?? []) {
    for (const [name, value] of Object.entries({ ...resources?.limits, ...resources?.requests })) raise(name, Math.max(total[name] ?? 0, readQuantity(value)));
  }
  for (const [name, value] of Object.entries(spec.overhead ?? {})) raise(name, (total[name] ?? 0) + readQuantity(value));
  return total;
}

/** What is asked for by pods that have a place, together. */
export function sumRequests(pods: readonly Pod[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const { spec } of pods) for (const [name, value] of Object.entries(podRequests(spec))) total[name] = (total[name] ?? 0) + value;
  return total;
}
