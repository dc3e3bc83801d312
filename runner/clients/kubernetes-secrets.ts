import type { KubeConfig } from '@kubernetes/client-node';
import { readWhole } from '../../scenarios/read-file.ts';
import { ExpectedError, messageOf } from '../errors.ts';
import type { Mask } from '../mask.ts';

/** A key in PEM is some kilobytes. */
const keyLimitBytes = 256 * 1024;

/** Names of an exec plugin's variables, and of settings of old auth providers, that hold secrets. */
const secretName = /secret|token|pass|key|credential/i;

/**
 * Has the mask hide the secrets of a kubeconfig's chosen user: its token, password and client key, and from now on whatever
 * its exec plugin or token file answers with, when it does.
 *
 * @param config its current context is set
 * @throws ExpectedError for a secret that can't be hidden
 */
export async function hideCredentials(config: KubeConfig, { context, mask }: { context: string; mask: Mask }): Promise<void> {
  const user = config.getCurrentUser();
  const hide = (secret: string | undefined, what: string): void => {
    if (secret !== undefined) mask.add(secret, { of: `kubeconfig: the ${what} of the user of context ${context}` });
  };
  hide(user?.token, 'token');
  hide(user?.password, 'password');
  if (user?.username !== undefined && user.password) hide(Buffer.from(`${user.username}:${user.password}`).toString('base64'), 'password');
  if (user?.keyData) {
    hide(Buffer.from(user.keyData, 'base64').toString(), 'client key');
    hide(user.keyData, 'client key');
  }
  if (user?.keyFile) hide(await keyIn(user.keyFile), 'client key');
  for (const { name, value } of (user?.exec as { env?: { name: string; value: string }[] } | undefined)?.env ?? []) {
    if (secretName.test(name)) hide(value, `variable ${name}`);
  }
  for (const [name, value] of Object.entries((user?.authProvider?.config ?? {}) as Record<string, unknown>)) {
    if (secretName.test(name) && typeof value === 'string' && !/file|path|url/i.test(name)) hide(value, name);
  }
  const proxy = config.getCurrentCluster()?.proxyUrl;
  if (proxy && URL.canParse(proxy)) hide(decodeURIComponent(new URL(proxy).password), 'password for the proxy');
  hideWhatComes(config, hide, `context ${context}: ${commandOf(user?.exec)}`);
}

/** Of the library's way to fill in what a request is authenticated with. */
type Apply = (options: { headers?: Record<string, unknown>; key?: unknown }) => Promise<void>;

/** Each request asks the library for credentials anew, as plugins' tokens expire; here they pass. */
function hideWhatComes(config: KubeConfig, hide: (secret: string | undefined, what: string) => void, whose: string): void {
  const hooked = config as unknown as { applyOptions: Apply };
  const apply = hooked.applyOptions.bind(config);
  hooked.applyOptions = async (options) => {
    try {
      await apply(options);
    } catch (error) {
      // What could not be parsed is quoted in the error, and may be the token.
      const why = error instanceof SyntaxError ? 'its answer is no JSON' : messageOf(error).trim().slice(0, 400);
      throw new ExpectedError(`Kubernetes: ${whose} gave no credentials: ${why}`, undefined, error instanceof SyntaxError ? {} : { cause: error });
    }
    const authorization = options.headers?.['Authorization'];
    if (typeof authorization === 'string') {
      hide(authorization.replace(/^\w+ /, ''), 'token');
      // A token's file ends in a newline, which no header may have.
      options.headers!['Authorization'] = authorization.trim();
    }
    if (typeof options.key === 'string' || Buffer.isBuffer(options.key)) hide(options.key.toString(), 'client key');
  };
}

function commandOf(exec: unknown): string {
  const { command } = (exec ?? {}) as { command?: string };
  return command === undefined ? 'its user' : `exec plugin ${command}`;
}

async function keyIn(path: string): Promise<string> {
  try {
    return (await readWhole(path, keyLimitBytes)).toString();
  } catch (error) {
    throw new ExpectedError(`kubeconfig: client-key ${path} ${messageOf(error)}`, undefined, { cause: error });
  }
}
