import type { Roles } from './rbac.ts';
import type { EmitInput } from './schedule.ts';

/** What is written for a cluster. */
export interface KubernetesInput extends EmitInput {
  readonly namespace: string;
  readonly image: string;
  /** What the drills need, as `rolesFor` makes them. */
  readonly roles: Roles;
  /** Zones that the drills name: the pod of the harness is put elsewhere. */
  readonly zonesHit: readonly string[];
}

/** The service account of the harness and of its watchdog. */
export const accountName = 'firedrill';

/** A key has no slash in it: the volume gives each file its path back. */
export function configKey(path: string): string {
  return path.replaceAll('/', '__');
}
