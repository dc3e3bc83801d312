import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

/**
 * The flags of a program that stands in for a real one: each has to be known, and there, as `--name=value`.
 *
 * @throws TypeError for a flag that the program doesn't have
 */
export function readFlags<Name extends string>(names: readonly Name[]): Record<Name, string> {
  const { values } = parseArgs({ options: Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])), strict: true });
  const missing = names.filter((name) => values[name] === undefined);
  if (missing.length > 0) throw new TypeError(`not given: ${missing.join(', ')}`);
  return values as Record<Name, string>;
}

/** A duration as Go reads it, in milliseconds. */
export function durationMs(text: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text) ?? [];
  if (number === '') throw new TypeError(`time: invalid duration "${text}"`);
  return Number(number) * { ms: 1, s: 1_000, m: 60_000 }[unit as 'ms' | 's' | 'm'];
}

/** The flags that both clients of the API server take for their election. */
export const electionFlags = ['leader-elect', 'leader-elect-lease-duration', 'leader-elect-renew-deadline', 'leader-elect-retry-period'] as const;

export const electionOf = (flags: Record<(typeof electionFlags)[number], string>) => ({
  leaseMs: durationMs(flags['leader-elect-lease-duration']),
  renewDeadlineMs: durationMs(flags['leader-elect-renew-deadline']),
  retryMs: durationMs(flags['leader-elect-retry-period']),
});

interface Kubeconfig {
  clusters: { name: string; cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { name: string; user: { token: string } }[];
  contexts: { name: string; context: { cluster: string; user: string } }[];
  'current-context': string;
}

/** Where a kubeconfig leads, and as whom. */
export function readKubeconfig(path: string): { server: string; ca: string; token: string; userAgent: string } {
  const config = JSON.parse(readFileSync(path, 'utf8')) as Kubeconfig;
  const { context } = config.contexts.find(({ name }) => name === config['current-context'])!;
  const { cluster } = config.clusters.find(({ name }) => name === context.cluster)!;
  const { user } = config.users.find(({ name }) => name === context.user)!;
  return { server: cluster.server, ca: Buffer.from(cluster['certificate-authority-data'], 'base64').toString(), token: user.token, userAgent: context.user };
}
