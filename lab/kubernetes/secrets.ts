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
  /** What the lab's own API server signs tokens of service accounts with. */
  readonly serviceAccountSecret: string;
  /** What a real one signs them with; PEM. */
  readonly serviceAccountKeys: { readonly privateKey: string; readonly publicKey: string };
}

export const secretsFolder = join(paths.tools, 'kubernetes');
export const secretsFile = join(secretsFolder, 'secrets.json');

export const readSecrets = (): ClusterSecrets => JSON.parse(readFileSync(secretsFile, 'utf8')) as ClusterSecrets;
