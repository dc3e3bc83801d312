import { FileRefused, readWhole } from '../../scenarios/read-file.ts';
import type { Etcd3, IOptions } from 'etcd3';
import type { Clock } from '../clock.ts';
import type { Environment } from '../environment.ts';
import { ExpectedError, messageOf } from '../errors.ts';
import type { Mask } from '../mask.ts';
import { failureOf } from './etcd-failure.ts';
import { decodeStatus, encodePut } from './etcd-messages.ts';
import type { EtcdSelf } from './etcd.ts';
import { openGrpcSession, type TlsFiles } from './grpc-session.ts';

type CallOptions = NonNullable<Parameters<Etcd3['kv']['put']>[1]>;
type Interceptor = NonNullable<CallOptions['interceptors']>[number];
type EtcdEnvironment = NonNullable<Environment['etcd']>;

/** A call on the library's client; it must pass the options on. */
export type EtcdCall<T> = (client: Etcd3, options: CallOptions) => Promise<T>;

/**
 * One address of one member. It never dials elsewhere and never tries again. All throw EtcdFailure.
 *
 * What is asked all the time, writes and status, goes over a bare HTTP/2 session, at half of the library's cost; the
 * library is for the rest, on a connection of its own that is dialled when it is first needed.
 */
export interface EtcdConnection {
  status(timeoutMs: number): Promise<EtcdSelf>;
  put(key: Buffer, value: Buffer, timeoutMs: number): Promise<void>;
  ask<T>(timeoutMs: number, call: EtcdCall<T>): Promise<T>;
  /** Calls under way still get their answers. */
  close(): void;
}

/** Dials `address`, which is one of `endpoint`'s. Returns at once: the first call waits for the connection. */
export type EtcdDialler = (endpoint: URL, address: string) => EtcdConnection;

/**
 * Loads the library (only here: it takes half a second) and reads the TLS files.
 *
 * @throws ExpectedError when a TLS file can't be read
 */
export async function etcdDialler(etcd: EtcdEnvironment, { clock, userAgent, mask }: { readonly clock: Clock; readonly userAgent: string; readonly mask: Mask }): Promise<EtcdDialler> {
  const [{ Etcd3 }, tls] = await Promise.all([import('etcd3'), readTls(etcd)]);
  if (tls?.key) mask.add(tls.key.toString(), { of: 'etcd.tls.key' });
  return (endpoint, address) => {
    const session = openGrpcSession({ endpoint, address, port: portOf(endpoint), tls, clock, userAgent });
    const library = libraryAt(Etcd3, { endpoint, address, tls, clock, userAgent });
    const token = tokens(etcd, library, mask);
    return {
      status: async (timeoutMs) => decodeStatus(await session.ask(paths.status, nothing, timeoutMs, undefined)),
      put: (key, value, timeoutMs) =>
        token(timeoutMs, async (text) => {
          await session.ask(paths.put, encodePut(key, value), timeoutMs, text);
        }),
      ask: (timeoutMs, work) => token(timeoutMs, (text) => library.call(timeoutMs, text === undefined ? {} : withToken(text), work)),
      close() {
        session.close();
        library.close();
      },
    };
  };
}

/** A bundle of every authority there is has a few hundred kilobytes. */
const tlsLimitBytes = 4 * 1024 * 1024;
const paths = { status: '/etcdserverpb.Maintenance/Status', put: '/etcdserverpb.KV/Put' } as const;
const nothing = Buffer.alloc(0);

/** The port of an etcd endpoint; the scheme's own when it names none. */
export function portOf(endpoint: URL): number {
  return Number(endpoint.port || (endpoint.protocol === 'https:' ? 443 : 80));
}

const channelOptions = {
  // Hides failures; and a call without it costs a third less.
  'grpc.enable_retries': 0,
  'grpc.enable_channelz': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc.enable_http_proxy': 0,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 100,
} as const;

/** A failed call, handed over as if it were its result. */
class Failed {
  readonly error: unknown;
  constructor(error: unknown) {
    this.error = error;
  }
}

/** @throws EtcdFailure when it is a failure that was handed over */
export function taken<T>(result: T | Failed): T {
  if (result instanceof Failed) throw failureOf(result.error);
  return result;
}

type Work = (context: { signal: AbortSignal }) => unknown;
const never = new AbortController().signal;
const noEvent = () => ({ dispose() {} });

/** The library's policy that does nothing. */
const passThrough = {
  onSuccess: noEvent,
  onFailure: noEvent,
  execute: async (work: Work) => work({ signal: never }),
};

/**
 * The library closes its channel after most failed calls, deadlines included: during an election it would dial every
 * member anew fifty times a second. A policy that hands failures over as values keeps it from noticing.
 */
const handOver = {
  ...passThrough,
  async execute(work: Work): Promise<unknown> {
    try {
      return await work({ signal: never });
    } catch (error) {
      return new Failed(error);
    }
  },
};

interface Library {
  call<T>(timeoutMs: number, extra: CallOptions, work: EtcdCall<T>): Promise<T>;
  close(): void;
}

let dials = 0;

interface LibraryInput {
  readonly endpoint: URL;
  readonly address: string;
  readonly tls: TlsFiles | undefined;
  readonly clock: Clock;
  readonly userAgent: string;
}

/** The library's client, made when it is first needed. */
function libraryAt(Client: typeof Etcd3, { endpoint, address, tls, clock, userAgent }: LibraryInput): Library {
  let made: Etcd3 | undefined;
  const make = (): Etcd3 => {
    const host = address.includes(':') ? `[${address}]` : address;
    return new Client({
      hosts: `${endpoint.protocol}//${host}:${portOf(endpoint)}`,
      ...(tls ? { credentials: credentialsOf(tls) } : {}),
      faultHandling: { host: () => handOver as never, global: passThrough as never },
      grpcOptions: {
        ...channelOptions,
        // The name that the member's certificate must bear: what is dialled is an address.
        'grpc.ssl_target_name_override': endpoint.hostname,
        'grpc.default_authority': endpoint.host,
        'grpc.primary_user_agent': userAgent,
        // Connections are shared between channels of equal options: a new dial must not get the old, hung connection.
        'firedrill.dial': (dials += 1),
      },
    });
  };
  return {
    async call(timeoutMs, extra, work) {
      let result: Awaited<ReturnType<typeof work>> | Failed;
      try {
        result = await work((made ??= make()), { deadline: clock.wall() + timeoutMs, ...extra });
      } catch (error) {
        throw failureOf(error);
      }
      return taken(result);
    },
    close: () => made?.close(),
  };
}

type WithToken = <T>(timeoutMs: number, work: (token: string | undefined) => Promise<T>) => Promise<T>;

/** Gives calls the token that etcd wants from users with a password, and has a new one made when it has run out. */
function tokens({ username, password }: EtcdEnvironment, library: Library, mask: Mask): WithToken {
  if (username === undefined) return (_timeoutMs, work) => work(undefined);
  let token: Promise<string> | undefined;
  const authenticate = async (timeoutMs: number): Promise<string> => {
    const request = { name: username, password: password ?? '' };
    const answer = await library.call(timeoutMs, {}, (etcd, options) => etcd.auth.authenticate(request, options));
    mask.add(answer.token, { of: 'the token that etcd gave' });
    return answer.token;
  };
  return async (timeoutMs, work) => {
    const mine = (token ??= authenticate(timeoutMs));
    const forget = (): void => {
      if (token === mine) token = undefined;
    };
    mine.catch(forget);
    try {
      return await work(await mine);
    } catch (error) {
      if (/auth token|auth:/.test(messageOf(error))) forget();
      throw error;
    }
  };
}

/** The library would fetch tokens over channels of its own, which know nothing of the certificate's name. */
function withToken(token: string): CallOptions {
  const addToken: Interceptor = (options, nextCall) => {
    const call = nextCall(options) as ReturnType<Interceptor>;
    const start = call.start.bind(call);
    call.start = (metadata, listener) => {
      metadata.set('token', token);
      start(metadata, listener);
    };
    return call;
  };
  return { interceptors: [addToken] };
}

function credentialsOf({ ca, cert, key }: TlsFiles): NonNullable<IOptions['credentials']> {
  return {
    // Without an authority of its own the system's are asked, which the library's types don't know.
    rootCertificate: ca as Buffer,
    ...(cert ? { certChain: cert } : {}),
    ...(key ? { privateKey: key } : {}),
  };
}

async function readTls({ tls }: EtcdEnvironment): Promise<TlsFiles | undefined> {
  if (!tls) return undefined;
  const [ca, cert, key] = await Promise.all([readFileOf('ca', tls.ca), readFileOf('cert', tls.cert), readFileOf('key', tls.key)]);
  return { ca, cert, key };
}

async function readFileOf(key: string, path: string | undefined): Promise<Buffer | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readWhole(path, tlsLimitBytes);
  } catch (error) {
    if (!(error instanceof FileRefused)) throw error;
    throw new ExpectedError(`environment: etcd.tls.${key} is ${path}, which ${error.message}`, undefined, { cause: error });
  }
}
