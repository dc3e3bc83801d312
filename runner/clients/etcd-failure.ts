import { DeadlineExceeded } from '../clock.ts';

/**
 * Why a question to a member failed. The message is short and comes again for the same cause. `silent`: no answer in
 * time. `refused`: no connection. `lost`: the connection broke before the answer. `answered`: the member answered with
 * an error.
 */
export class EtcdFailure extends Error {
  override readonly name = 'EtcdFailure';
  readonly kind: 'silent' | 'refused' | 'lost' | 'answered';
  /** Nothing of the question was sent, as there was no connection: it has certainly had no effect. */
  readonly unsent: boolean;
  constructor(kind: EtcdFailure['kind'], message: string, { unsent = false, ...options }: ErrorOptions & { readonly unsent?: boolean } = {}) {
    super(message, options);
    this.kind = kind;
    this.unsent = unsent;
  }
}

/**
 * Puts what the library throws into few words: its own messages hold times and addresses that differ each time.
 *
 * @param thrown of the library, or of Node's sockets
 */
export function failureOf(thrown: unknown): EtcdFailure {
  if (thrown instanceof EtcdFailure) return thrown;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { message } = error;
  const answered = /etcdserver: .*$|auth: .*$/m.exec(message);
  if (answered) return new EtcdFailure('answered', answered[0], { cause: error });
  if (error instanceof DeadlineExceeded || /DEADLINE_EXCEEDED/.test(message)) return new EtcdFailure('silent', 'no answer', { cause: error });
  const socket = /\b(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|ECONNRESET|EPIPE|EPERM|EACCES)\b/.exec(message)?.[1];
  if (socket) return new EtcdFailure(isBroken.has(socket) ? 'lost' : 'refused', socketReasons[socket] ?? socket, { cause: error });
  const tls = tlsReason(message);
  if (tls !== undefined) return new EtcdFailure('refused', tls, { cause: error });
  if (/UNAVAILABLE|CANCELLED|INTERNAL|already closed|shut down/.test(message)) {
    return new EtcdFailure('lost', 'connection lost', { cause: error });
  }
  return new EtcdFailure('answered', message.replace(/^\w+Error: /, ''), { cause: error });
}

function tlsReason(message: string): string | undefined {
  const alert = /ssl\/tls alert ([a-z ]+)/i.exec(message)?.[1];
  if (alert !== undefined) return `TLS: the member refuses our certificate (${alert})`;
  if (/altname/i.test(message)) return "TLS: the member's certificate bears other names";
  if (/certificate|self-signed/i.test(message)) return "TLS: the member's certificate is not signed by etcd.tls.ca";
  if (/SSL routines|wrong version number/i.test(message)) return 'TLS: the member does not speak it';
  return undefined;
}

const isBroken = new Set(['ECONNRESET', 'EPIPE']);
const socketReasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ETIMEDOUT: 'no answer',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
};
