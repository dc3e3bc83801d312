import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';

/** etcd's own answer to a call, or the reason that there is none; codes are those of gRPC. */
export class EtcdError extends Error {
  override readonly name = 'EtcdError';
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export const grpcCode = { cancelled: 1, deadlineExceeded: 4, outOfRange: 11, unavailable: 14 } as const;

/** One HTTP/2 connection to one member. gRPC is small enough to be spoken directly: a prefix of five bytes, a trailer. */
export interface Session {
  readonly endpoint: string;
  /** Resolves with the answer's bytes. @throws EtcdError */
  call(method: string, message: Uint8Array, signal?: AbortSignal): Promise<Uint8Array>;
  /** Opens a stream that stays open; `onEnd` is called once, with the reason. */
  stream(method: string, message: Uint8Array, onMessage: (bytes: Uint8Array) => void, onEnd: (error: EtcdError) => void): () => void;
  /** Calls that wait for an answer, streams included. */
  readonly pending: number;
  readonly closed: boolean;
  close(): void;
}

/**
 * Connects to `http://host:port`; the name is looked up anew for each connection, as a member that comes back has another address.
 *
 * @throws Error when there is no connection within `timeoutMs`
 */
export function openSession(endpoint: string, timeoutMs: number, onClose: () => void): Promise<Session> {
  return new Promise((resolve, reject) => {
    const http2 = connect(endpoint);
    let opened = false;
    const timer = setTimeout(() => http2.destroy(new Error(`no connection to ${endpoint} within ${timeoutMs} ms`)), timeoutMs);
    http2.on('error', (error) => {
      if (!opened) reject(error);
    });
    http2.on('goaway', () => http2.close());
    http2.on('close', () => {
      clearTimeout(timer);
      if (opened) onClose();
      else reject(new Error(`the connection to ${endpoint} was closed`));
    });
    http2.on('connect', () => {
      // Given up at the same moment: its end is told by what follows.
      if (http2.destroyed) return;
      clearTimeout(timer);
      opened = true;
      // The default window of 64 kB would make a list of pods wait for the other side again and again.
      http2.setLocalWindowSize(16 * 1024 * 1024);
      resolve(sessionOf(endpoint, http2));
    });
  });
}

function sessionOf(endpoint: string, http2: ClientHttp2Session): Session {
  let pending = 0;
  const start = (
    method: string,
    message: Uint8Array,
    onMessage: (bytes: Uint8Array) => void,
    onEnd: (error: EtcdError | undefined) => void,
  ): ClientHttp2Stream => {
    if (http2.closed || http2.destroyed) throw new EtcdError(grpcCode.unavailable, 'the connection is closed');
    pending += 1;
    const stream = http2.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: method,
      [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
      [constants.HTTP2_HEADER_TE]: 'trailers',
      // A watch on a member that has lost its leader ends with an error, so that another member can be asked.
      hasleader: 'true',
    });
    let ended = false;
    const end = (error: EtcdError | undefined): void => {
      if (ended) return;
      ended = true;
      pending -= 1;
      onEnd(error);
    };
    const readStatus = (headers: Record<string, unknown>): void => {
      if (headers['grpc-status'] === undefined) return;
      const code = Number(headers['grpc-status']);
      end(code === 0 ? undefined : new EtcdError(code, decodeURIComponent(String(headers['grpc-message'] ?? ''))));
    };
    const split = messageSplitter(onMessage);
    stream.on('response', readStatus);
    stream.on('trailers', readStatus);
    stream.on('data', split);
    stream.on('error', (error) => end(new EtcdError(grpcCode.unavailable, `error reading from server: ${error.message}`)));
    stream.on('close', () => end(new EtcdError(grpcCode.unavailable, 'error reading from server: EOF')));
    const framed = Buffer.alloc(5 + message.length);
    framed.writeUInt32BE(message.length, 1);
    framed.set(message, 5);
    stream.write(framed);
    return stream;
  };
  return {
    endpoint,
    call(method, message, signal) {
      return new Promise((resolve, reject) => {
        let answer: Uint8Array = new Uint8Array(0);
        const stream = start(
          method,
          message,
          (bytes) => (answer = bytes),
          (error) => {
            signal?.removeEventListener('abort', abort);
            if (error) reject(error);
            else resolve(answer);
          },
        );
        const abort = (): void => stream.close(constants.NGHTTP2_CANCEL);
        signal?.addEventListener('abort', abort);
        stream.end();
      });
    },
    stream(method, message, onMessage, onEnd) {
      const ended = (error: EtcdError | undefined): void => onEnd(error ?? new EtcdError(grpcCode.unavailable, 'stream ended'));
      try {
        const stream = start(method, message, onMessage, ended);
        return () => stream.close(constants.NGHTTP2_CANCEL);
      } catch (error) {
        if (!(error instanceof EtcdError)) throw error;
        setImmediate(ended, error);
        return () => {};
      }
    },
    get pending() {
      return pending;
    },
    get closed() {
      return http2.closed || http2.destroyed;
    },
    close: () => http2.destroy(),
  };
}

/** Cuts the bytes of a stream into gRPC's messages. */
function messageSplitter(onMessage: (bytes: Uint8Array) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let have = 0;
  let need = 5;
  return (chunk) => {
    parts.push(chunk);
    have += chunk.length;
    while (have >= need) {
      const whole = parts.length === 1 ? parts[0]! : Buffer.concat(parts, have);
      const end = 5 + whole.readUInt32BE(1);
      if (have >= end) {
        onMessage(whole.subarray(5, end));
        parts = [whole.subarray(end)];
        have -= end;
        need = 5;
      } else {
        parts = [whole];
        need = end;
      }
    }
  };
}
