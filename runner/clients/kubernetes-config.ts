import type { KubeConfig } from '@kubernetes/client-node';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { inCluster, type Environment } from '../environment.ts';
import { ExpectedError, messageOf } from '../errors.ts';

export type KubernetesEnvironment = NonNullable<Environment['kubernetes']>;

/** The library, loaded; it takes a second or more, and 80 MB. */
export type KubernetesLibrary = typeof import('@kubernetes/client-node');

/**
 * Reads the kubeconfig and takes the environment's context of it, whatever its current one is.
 *
 * @throws ExpectedError when it can't be read, has no such context, or the context leads nowhere
 */
export async function loadKubeconfig({ kubeconfig, context }: KubernetesEnvironment, { KubeConfig: Config }: KubernetesLibrary): Promise<KubeConfig> {
  if (kubeconfig === inCluster) return fromCluster(new Config());
  let text: string;
  try {
    text = await readFile(kubeconfig, 'utf8');
  } catch (error) {
    throw new ExpectedError(`the kubeconfig ${kubeconfig} can't be read: ${messageOf(error)}; check kubernetes.kubeconfig in the environment file`);
  }
  const config = new Config();
  try {
    config.loadFromString(text);
    config.makePathsAbsolute(dirname(kubeconfig));
  } catch (error) {
    throw new ExpectedError(`${kubeconfig} is no kubeconfig: ${messageOf(error)}`);
  }
  const chosen = config.getContextObject(context);
  if (!chosen) {
    const names = config.getContexts().map(({ name }) => name);
    throw new ExpectedError(`${kubeconfig} has no context ${context}; it has ${names.join(', ') || 'none'}: check kubernetes.context in the environment file`);
  }
  config.setCurrentContext(context);
  if (!config.getCurrentCluster()) throw new ExpectedError(`context ${context} of ${kubeconfig} names cluster ${chosen.cluster}, which is not in it`);
  if (!config.getCurrentUser()) throw new ExpectedError(`context ${context} of ${kubeconfig} names user ${chosen.user}, who is not in it`);
  return config;
}

/** By the files and variables that every pod has. */
function fromCluster(config: KubeConfig): KubeConfig {
  config.loadFromCluster();
  if (config.getCurrentCluster()?.server.includes('undefined')) {
    throw new ExpectedError('kubernetes.kubeconfig is in-cluster, and this is no pod with a service account; give the path of a kubeconfig');
  }
  return config;
}
