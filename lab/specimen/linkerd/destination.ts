/** The service that a request is for. */
export interface Destination {
  readonly namespace: string;
  readonly service: string;
  /** A port's name or number, as it was asked for; undefined when it wasn't. */
  readonly port: string | undefined;
}

/** A request line taken apart. */
export interface Target {
  readonly destination: Destination;
  /** What the service gets as its Host header. */
  readonly authority: string;
  /** The origin form of the address: path and query. */
  readonly path: string;
}

const absoluteForm = /^http:\/\/(?:[^/?#@]*@)?([^/?#]+)([^#]*)/i;
/** `service`, `service.namespace`, `service.namespace.svc` and what may follow that, each with a port or without. */
const name = /^([a-z0-9-]+)(?:\.([a-z0-9-]+)(?:\.svc(?:\.[a-z0-9.-]+)?)?)?(?::([a-z0-9-]+))?$/;

/**
 * Whom a request is for: by its whole address, as a proxy gets it (RFC 9112, 3.2.2), or by its Host header.
 *
 * @param usualNamespace where a service without a namespace is looked for
 * @returns undefined when it names no service
 */
export function targetOf(url: string, host: string | undefined, usualNamespace: string): Target | undefined {
  const absolute = absoluteForm.exec(url);
  const authority = (absolute ? absolute[1] : host)?.toLowerCase();
  const rest = absolute ? absolute[2]! : url;
  const found = authority === undefined ? null : name.exec(authority);
  if (authority === undefined || !found) return undefined;
  const [, service = '', namespace = usualNamespace, port] = found;
  return { destination: { namespace, service, port }, authority, path: rest.startsWith('/') || rest === '*' ? rest : `/${rest}` };
}

/** As linkerd 1.x writes the name of what was asked for, such as `/svc/accounts.bank`. */
export const logicalName = ({ namespace, service, port }: Destination): string => `/svc/${service}.${namespace}${port === undefined ? '' : `:${port}`}`;
