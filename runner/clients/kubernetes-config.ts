import type { KubeConfig } from '@kubernetes/client-node';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { FileRefused, readText } from '../../scenarios/read-file.ts';
import { inCluster, type Environment } from '../environment.ts';
import { ExpectedError, messageOf } from '../errors.ts';
import type { Mask } from '../mask.ts';
import type { KubernetesLibrary } from './kubernetes-library.ts';
import { hideCredentials } from './kubernetes-secrets.ts';

export type KubernetesEnvironment = NonNullable<Environment['kubernetes']>;

/** That of somebody with hundreds of clusters is below one. */
const sizeLimitBytes = 4 * 1024 * 1024;

/**
 * Reads the kubeconfig and takes the environment's context of it, whatever its current one is.
 *
 * @param mask hides the secrets of its user from now on
 * @throws ExpectedError when it can't be read, has no such context, or the context leads nowhere
 */
export async function loadKubeconfig({ kubeconfig, context }: KubernetesEnvironment, { KubeConfig: Config }: Pick<KubernetesLibrary, 'KubeConfig'>, mask: Mask): Promise<KubeConfig> {
  if (kubeconfig === inCluster) return fromCluster(new Config());
  let text: string;
  try {
    text = await readText(kubeconfig, sizeLimitBytes);
  } catch (error) {
    if (!(error instanceof FileRefused)) throw error;
    throw new ExpectedError(`the kubeconfig ${kubeconfig} ${error.message}; check kubernetes.kubeconfig in the environment file`, undefined, { cause: error });
  }
  const config = new Config();
  try {
    config.loadFromString(text);
    config.makePathsAbsolute(dirname(kubeconfig));
  } catch (error) {
    throw notAKubeconfig(kubeconfig, error);
  }
  const chosen = config.getContextObject(context);
  if (!chosen) {
    const names = config.getContexts().map(({ name }) => name);
    throw new ExpectedError(`${kubeconfig} has no context ${context}; it has ${names.join(', ') || 'none'}: check kubernetes.context in the environment file`);
  }
  config.setCurrentContext(context);
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new ExpectedError(`context ${context} of ${kubeconfig} names cluster ${chosen.cluster}, which is not in it`);
  if (!URL.canParse(cluster.server)) throw new ExpectedError(`cluster ${chosen.cluster} of ${kubeconfig} has no server; give its address, such as https://api.example.com:6443`);
  // The library would refuse each request.
  if (cluster.server.startsWith('http:') && !cluster.skipTLSVerify) {
    throw new ExpectedError(`cluster ${chosen.cluster} of ${kubeconfig} is asked without TLS (${cluster.server}); give an https address, or insecure-skip-tls-verify: true where that is meant`);
  }
  const user = config.getCurrentUser();
  if (!user) throw new ExpectedError(`context ${context} of ${kubeconfig} names user ${chosen.user}, who is not in it`);
  const tokenFile = tokenFileOf(text, chosen.user, kubeconfig);
  // The library knows it under another name only, but has a provider for it, which reads it again each minute.
  if (tokenFile !== undefined) Object.assign(user, { authProvider: { name: 'tokenFile', config: { tokenFile: resolve(dirname(kubeconfig), tokenFile) } } });
  await hideCredentials(config, { context, mask });
  return config;
}

/** The file that a user's token is in; it takes precedence over a token that is written out. */
function tokenFileOf(text: string, user: string, kubeconfig: string): string | undefined {
  // The library has read it all already, and few have one.
  if (!text.includes('tokenFile')) return undefined;
  try {
    const { users = [] } = parse(text) as { users?: { name: string; user?: { tokenFile?: string } }[] };
    return users.find(({ name }) => name === user)?.user?.tokenFile;
  } catch (error) {
    throw notAKubeconfig(kubeconfig, error);
  }
}

/** By the files and variables that every pod has. */
function fromCluster(config: KubeConfig): KubeConfig {
  config.loadFromCluster();
  if (config.getCurrentCluster()?.server.includes('undefined')) {
    throw new ExpectedError('kubernetes.kubeconfig is in-cluster, and this is no pod with a service account; give the path of a kubeconfig');
  }
  return config;
}

/** The parser's message quotes the lines around, tokens and all. */
function notAKubeconfig(kubeconfig: string, error: unknown): ExpectedError {
  // The library's parser counts lines from 0, ours from 1.
  const { mark, linePos } = error as { mark?: { line?: number }; linePos?: [{ line: number }] };
  const line = typeof mark?.line === 'number' ? mark.line + 1 : linePos?.[0].line;
  return new ExpectedError(`${kubeconfig} is no kubeconfig: ${line === undefined ? messageOf(error) : `line ${line} is no YAML`}`);
}
