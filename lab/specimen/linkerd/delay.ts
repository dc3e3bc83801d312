import { pods, startInformer, type Client } from '../../kubernetes/client/index.ts';
import type { Pod } from '../../kubernetes/objects.ts';

/**
 * Annotations of the proxy's own pod, by which whoever may change it tells the proxy to delay requests, as over a bad line;
 * linkerd 1.x has no such thing. What it does it says in the third.
 */
export const delayAnnotations = {
  takes: 'firedrill.dev/takes-delay',
  delay: 'firedrill.dev/delay',
  inForce: 'firedrill.dev/delay-in-force',
} as const;

export interface Delays {
  /** How long a request for this service (`accounts.bank`) is held back, in milliseconds; drawn anew for each. */
  forRequest(service: string): number;
  close(): void;
}

export const noDelays: Delays = { forRequest: () => 0, close: () => {} };

interface Asked {
  readonly ms: number;
  readonly services: readonly string[];
  readonly percent: number;
}

const nothing: Asked = { ms: 0, services: [], percent: 0 };
const tellAgainMs = 1_000;

/** Follows the annotations of the pod that it runs in, and answers there. */
export function followDelays(client: Client, namespace: string, name: string, log: (line: string) => void): Delays {
  let asked = nothing;
  let closed = false;
  const informer = startInformer<Pod>(client, pods, { namespace, fieldSelector: `metadata.name=${name}`, log });
  const answer = async (own: Pod): Promise<void> => {
    const annotations = own.metadata.annotations ?? {};
    const text = annotations[delayAnnotations.delay];
    const read = text === undefined ? nothing : readDelay(text);
    if (!read) return log(`can't read what delay is asked for: ${text}`);
    asked = read;
    if (annotations[delayAnnotations.inForce] === text) return;
    await client.patch(pods, { namespace, name }, 'merge', { metadata: { uid: own.metadata.uid, annotations: { [delayAnnotations.inForce]: text ?? null } } });
    log(text === undefined ? 'delays nothing any more' : `delays as asked for: ${text}`);
  };
  const look = (): void => {
    const own = informer.store.get(`${namespace}/${name}`);
    if (!own) return;
    answer(own).catch((error: unknown) => {
      log(`could not say how it delays: ${error instanceof Error ? error.message : String(error)}`);
      setTimeout(() => void (closed || look()), tellAgainMs).unref();
    });
  };
  informer.on({ added: look, changed: look });
  return {
    forRequest: (service) => (asked.ms > 0 && (asked.services.length === 0 || asked.services.includes(service)) && Math.random() * 100 < asked.percent ? asked.ms : 0),
    close() {
      closed = true;
      informer.close();
    },
  };
}

/** Undefined when it is nothing that can be done. */
function readDelay(text: string): Asked | undefined {
  try {
    const { ms, services, percent } = JSON.parse(text) as Partial<Asked>;
    if (typeof ms !== 'number' || typeof percent !== 'number' || !(services instanceof Array)) return undefined;
    return { ms, percent, services: services.map(String) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
