import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '../world/mounts.ts';
import type { ClusterUser } from './names.ts';

/**
 * What the machines of a cluster must know and nobody else: made by the world at its start, and bound into each machine, as
 * an operator would hand it out through a bucket of secrets. It is gone with the lab.
 */
export interface ClusterSecrets {
  /** PEM. */
  readonly ca: string;
  /** Of the API servers, and of the kubelets. */
  readonly serverCertificate: string;
  readonly serverKey: string;
  /** By the part that uses it. */
  readonly tokens: Readonly<Record<ClusterUser, string>>;
  /** What tokens of service accounts are signed with. */
  readonly serviceAccountSecret: string;
}

export const secretsFolder = join(paths.tools, 'kubernetes');
export const secretsFile = join(secretsFolder, 'secrets.json');

export const readSecrets = (): ClusterSecrets => JSON.parse(readFileSync(secretsFile, 'utf8')) as ClusterSecrets;
