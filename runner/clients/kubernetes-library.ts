import { registerHooks } from 'node:module';

/** What the harness uses of `@kubernetes/client-node`. */
export interface KubernetesLibrary {
  readonly KubeConfig: typeof import('@kubernetes/client-node').KubeConfig;
  readonly IsomorphicFetchHttpLibrary: typeof import('@kubernetes/client-node').IsomorphicFetchHttpLibrary;
  readonly RequestContext: typeof import('@kubernetes/client-node').RequestContext;
  readonly HttpMethod: typeof import('@kubernetes/client-node').HttpMethod;
}

/** What the library's files ask for, and the smaller thing that they get; by the end of the path of the file that asks, `''` for any. */
const led: Readonly<Record<string, { readonly from: string; readonly to: string }>> = {
  './gen/index.js': { from: 'config.js', to: 'kubernetes-generated' },
  undici: { from: '', to: 'kubernetes-transports' },
  'socks-proxy-agent': { from: 'config.js', to: 'kubernetes-transports' },
  socks: { from: 'config.js', to: 'kubernetes-transports' },
  'node:http': { from: 'config.js', to: 'node-http' },
};

/**
 * Loads the library without the thousand files that it has for kinds of objects, none of which is used here: they take over
 * a second and 80 MB. Its kubeconfig asks for all of them and uses two functions. See docs/decisions/a-part-of-a-library.md.
 */
export function loadKubernetesLibrary(): Promise<KubernetesLibrary> {
  return inPart(async () => {
    const [{ KubeConfig }, { HttpMethod, IsomorphicFetchHttpLibrary, RequestContext }] = await Promise.all([
      import('@kubernetes/client-node/dist/config.js'),
      import('@kubernetes/client-node/dist/gen/http/http.js'),
    ]);
    return { KubeConfig, HttpMethod, IsomorphicFetchHttpLibrary, RequestContext };
  });
}

/** What runs a command in a container: few drills do. */
export function loadExec(): Promise<typeof import('@kubernetes/client-node').Exec> {
  return inPart(async () => (await import('@kubernetes/client-node/dist/exec.js')).Exec);
}

async function inPart<T>(load: () => Promise<T>): Promise<T> {
  const hooks = registerHooks({
    resolve(specifier, context, nextResolve) {
      const less = led[specifier];
      const [, file] = /\/@kubernetes\/client-node\/dist\/(.+)$/.exec(context.parentURL ?? '') ?? [];
      if (less === undefined || !file?.endsWith(less.from)) return nextResolve(specifier, context);
      return { url: import.meta.url.replace(/kubernetes-library(?=\.[jt]s$)/, less.to), shortCircuit: true };
    },
  });
  try {
    return await load();
  } finally {
    hooks.deregister();
  }
}
