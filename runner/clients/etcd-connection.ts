import { readFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import type { Etcd3, IOptions } from 'etcd3';
import type { Clock } from '../clock.ts';
import type { Environment } from '../environment.ts';
import { ExpectedError, messageOf } from '../errors.ts';
import { failureOf } from './etcd-failure.ts';

type CallOptions = NonNullable<Parameters<Etcd3['kv']['put']>[1]>;
type Interceptor = NonNullable<CallOptions['interceptors']>[number];
type EtcdEnvironment = NonNullable<Environment['etcd']>;

/** A call on the library's client; it must pass the options on. */
export type EtcdCall<T> = (client: Etcd3, options: CallOptions) => Promise<T>;

/** One dialled connection to one address of one member. It never dials elsewhere and never tries again. */
export interface EtcdConnection {
  /** @throws EtcdFailure */
  ask<T>(timeoutMs: number, call: EtcdCall<T>): Promise<T>;
  /** Calls under way still get their answers. */
  close(): void;
}

/** Dials `address`, which is one of `endpoint`'s. Returns at once: the first call waits for the connection. */
export type EtcdDialler = (endpoint: URL, address: string) => EtcdConnection;

/**
 * Loads the library (only here) and reads the TLS files.
 *
 * @throws ExpectedError when a TLS file can't be read
 */
export async function etcdDialler(etcd: EtcdEnvironment, clock: Clock): Promise<EtcdDialler> {
  // A call leaves so much behind that V8 would grow its nursery to 130 MB, for 20 MB that are in use.
  setFlagsFromString('--optimize-for-size');
  const [{ Etcd3 }, credentials] = await Promise.all([import('etcd3'), readCredentials(etcd)]);
  let dials = 0;
  return (endpoint, address) => {
    const host = address.includes(':') ? `[${address}]` : address;
    const client = new Etcd3({
      hosts: `${endpoint.protocol}//${host}:${portOf(endpoint)}`,
      ...(credentials ? { credentials } : {}),
      faultHandling: { host: () => handOver as never, global: passThrough as never },
      grpcOptions: {
        ...channelOptions,
        // The name that the member's certificate must bear: what is dialled is an address.
        'grpc.ssl_target_name_override': endpoint.hostname,
        'grpc.default_authority': endpoint.host,
        // Connections are shared between channels of equal options: a new dial must not get the old, hung connection.
        'firedrill.dial': (dials += 1),
      },
    });
    return connectionOn(client, etcd, clock);
  };
}

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

function connectionOn(client: Etcd3, { username, password }: EtcdEnvironment, clock: Clock): EtcdConnection {
  const call = async <T>(timeoutMs: number, extra: CallOptions, work: EtcdCall<T>): Promise<T> => {
    let result: T | Failed;
    try {
      result = await work(client, { deadline: clock.wall() + timeoutMs, ...extra });
    } catch (error) {
      throw failureOf(error);
    }
    if (result instanceof Failed) throw failureOf(result.error);
    return result;
  };
  if (username === undefined) return { ask: (timeoutMs, work) => call(timeoutMs, {}, work), close: () => client.close() };

  let token: Promise<CallOptions> | undefined;
  const authenticate = async (timeoutMs: number): Promise<CallOptions> => {
    const request = { name: username, password: password ?? '' };
    const answer = await call(timeoutMs, {}, (etcd, options) => etcd.auth.authenticate(request, options));
    return withToken(answer.token);
  };
  return {
    async ask(timeoutMs, work) {
      const mine = (token ??= authenticate(timeoutMs));
      try {
        return await call(timeoutMs, await mine, work);
      } catch (error) {
        // Tokens expire, and one that could not be had is no token: the next call gets its own.
        if (/auth token|auth:/.test(messageOf(error)) && token === mine) token = undefined;
        mine.catch(() => {
          if (token === mine) token = undefined;
        });
        throw error;
      }
    },
    close: () => client.close(),
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

async function readCredentials({ tls }: EtcdEnvironment): Promise<IOptions['credentials'] | undefined> {
  if (!tls) return undefined;
  const [rootCertificate, certChain, privateKey] = await Promise.all([
    readTls('ca', tls.ca),
    readTls('cert', tls.cert),
    readTls('key', tls.key),
  ]);
  return {
    rootCertificate: rootCertificate as Buffer,
    ...(certChain ? { certChain } : {}),
    ...(privateKey ? { privateKey } : {}),
  };
}

async function readTls(key: string, path: string | undefined): Promise<Buffer | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path);
  } catch (error) {
    throw new ExpectedError(`environment: etcd.tls.${key} is ${path}, which can't be read (${messageOf(error)})`, undefined, { cause: error });
  }
}
