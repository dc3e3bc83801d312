import { registerHooks } from 'node:module';

/** What the harness uses of `@kubernetes/client-node`. */
export interface KubernetesLibrary {
  readonly KubeConfig: typeof import('@kubernetes/client-node').KubeConfig;
  readonly Exec: typeof import('@kubernetes/client-node').Exec;
  readonly IsomorphicFetchHttpLibrary: typeof import('@kubernetes/client-node').IsomorphicFetchHttpLibrary;
  readonly RequestContext: typeof import('@kubernetes/client-node').RequestContext;
  readonly HttpMethod: typeof import('@kubernetes/client-node').HttpMethod;
}

/**
 * Loads the library without the thousand files that it has for kinds of objects, none of which is used here: they take over
 * a second and 80 MB. Its kubeconfig asks for all of them and uses two functions. See docs/decisions/a-part-of-a-library.md.
 */
export async function loadKubernetesLibrary(): Promise<KubernetesLibrary> {
  const generated = import.meta.url.replace(/library\.([jt]s)$/, 'generated.$1');
  const hooks = registerHooks({
    resolve: (specifier, context, nextResolve) =>
      specifier === './gen/index.js' && context.parentURL?.endsWith('/@kubernetes/client-node/dist/config.js')
        ? { url: generated, shortCircuit: true }
        : nextResolve(specifier, context),
  });
  try {
    const [{ KubeConfig }, { Exec }, { HttpMethod, IsomorphicFetchHttpLibrary, RequestContext }] = await Promise.all([
      import('@kubernetes/client-node/dist/config.js'),
      import('@kubernetes/client-node/dist/exec.js'),
      import('@kubernetes/client-node/dist/gen/http/http.js'),
    ]);
    return { KubeConfig, Exec, HttpMethod, IsomorphicFetchHttpLibrary, RequestContext };
  } finally {
    hooks.deregister();
  }
}
