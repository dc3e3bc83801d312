import { connect as connectHttp2, constants, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '../clock.ts';
import { EtcdFailure, failureOf } from './etcd-failure.ts';

export interface TlsFiles {
  readonly ca: Buffer | undefined;
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
}

export interface GrpcSessionInput {
  readonly endpoint: URL;
  /** Where to dial: one of the endpoint's addresses. */
  readonly address: string;
  readonly port: number;
  /** With an `https:` endpoint. */
  readonly tls: TlsFiles | undefined;
  readonly clock: Clock;
  readonly userAgent: string;
}

/** One HTTP/2 connection on which single questions are asked, by gRPC's rules. It never dials again. */
export interface GrpcSession {
  /**
   * @param path such as `/etcdserverpb.KV/Put`
   * @param message without gRPC's prefix
   * @throws EtcdFailure
   */
  ask(path: string, message: Buffer, timeoutMs: number, token: string | undefined): Promise<Buffer>;
  /** Questions under way still get their answers. */
  close(): void;
}

/** Dials. Returns at once: questions wait for the connection. */
export function openGrpcSession({ endpoint, address, port, tls, clock, userAgent }: GrpcSessionInput): GrpcSession {
  let session: ClientHttp2Session | undefined = connectHttp2(endpoint, {
    createConnection: () => {
      const to = { host: address, port, noDelay: true };
      if (endpoint.protocol !== 'https:') return connectTcp(to);
      return connectTls({ ...to, servername: endpoint.hostname, ALPNProtocols: ['h2'], ca: tls?.ca, cert: tls?.cert, key: tls?.key });
    },
  });
  let broken: EtcdFailure | undefined;
  const lose = (why: EtcdFailure): void => {
    broken ??= why;
    session = undefined;
  };
  session.on('error', (error) => lose(failureOf(error)));
  session.on('goaway', () => lose(new EtcdFailure('lost', 'connection lost')));
  session.on('close', () => lose(new EtcdFailure('lost', 'connection lost')));
  // Waits for its answers keep the process alive, by their timers; an idle or a hung connection must not.
  session.unref();

  return {
    ask(path, message, timeoutMs, token) {
      const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
      if (!session) {
        reject(broken ?? new EtcdFailure('lost', 'closed'));
        return promise;
      }
      const headers = { ...commonHeaders, 'user-agent': userAgent, ':path': path, 'grpc-timeout': `${Math.max(1, Math.ceil(timeoutMs))}m` };
      const stream = session.request(token === undefined ? headers : { ...headers, token });
      const takeBack = clock.schedule(clock.now() + timeoutMs, () => {
        reject(new EtcdFailure('silent', 'no answer'));
        stream.close(constants.NGHTTP2_CANCEL);
      });
      let body: Buffer | undefined;
      const finish = (fields: IncomingHttpHeaders): void => {
        takeBack();
        const failure = failureIn(fields);
        if (failure) reject(failure);
        else resolve(body?.subarray(prefixBytes) ?? Buffer.alloc(0));
      };
      stream.on('response', (fields) => {
        // An error may come alone, in the first and only headers.
        if (fields['grpc-status'] !== undefined || fields[':status'] !== 200) finish(fields);
      });
      stream.on('data', (chunk: Buffer) => {
        body = body ? Buffer.concat([body, chunk]) : chunk;
      });
      stream.on('trailers', finish);
      stream.on('error', (error) => {
        takeBack();
        reject(failureOf(error));
      });
      stream.on('close', () => {
        takeBack();
        reject(broken ?? new EtcdFailure('lost', 'connection lost'));
      });
      stream.end(framed(message));
      return promise;
    },
    close() {
      session?.close();
      session = undefined;
    },
  };
}

const commonHeaders = { ':method': 'POST', 'content-type': 'application/grpc', te: 'trailers' } as const;

/** gRPC puts a flag, not compressed, and the length before each message. */
const prefixBytes = 5;

function framed(message: Buffer): Buffer {
  const frame = Buffer.alloc(prefixBytes + message.length);
  frame.writeUInt32BE(message.length, 1);
  message.copy(frame, prefixBytes);
  return frame;
}

/** What is wrong by the fields that end an answer; undefined when nothing is. */
function failureIn(fields: IncomingHttpHeaders): EtcdFailure | undefined {
  const status = fields['grpc-status'];
  if (status === '0') return undefined;
  if (status === undefined) return new EtcdFailure('answered', `HTTP ${String(fields[':status'])} in place of gRPC`);
  const message = unescape(String(fields['grpc-message'] ?? ''));
  // The server's own clock ran out on the question: it is there, and still gave no answer.
  if (String(status) === deadlineExceeded) return new EtcdFailure('answered', 'no answer');
  return new EtcdFailure('answered', message || `gRPC status ${String(status)}`);
}

const deadlineExceeded = '4';

/** gRPC escapes messages as addresses are; one that isn't is taken as it is. */
function unescape(text: string): string {
  return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (escaped) => Buffer.from(escaped.replaceAll('%', ''), 'hex').toString());
}
