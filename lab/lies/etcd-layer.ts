import { once } from 'node:events';
import { connect as connectHttp2, constants, createServer as createHttp2Server, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { framesIn, hasEvents } from './grpc-frames.ts';

export interface EtcdLayerOptions {
  readonly host: string;
  readonly port: number;
  /** Where etcd listens, without TLS. */
  readonly target: { readonly host: string; readonly port: number };
  readonly lies: EtcdLies;
}

export interface EtcdLies {
  /** Reads are answered as they were a while ago. */
  readonly staleReads: boolean;
  /** Watches leave out what happened now and then. */
  readonly watchGap: boolean;
}

export interface EtcdLayer {
  readonly port: number;
  close(): void;
}

const preface = 'PRI * HTTP/2.0';
const paths = { range: '/etcdserverpb.KV/Range', watch: '/etcdserverpb.Watch/Watch' } as const;
/** An answer to the same question that is so old is given again. */
const pastMs = 500;
/** Questions whose answers are remembered, and answers of each. */
const remembered = { questions: 500, answers: 40 };
/** Of the answers of watches that tell of something, one in so many is left out. */
const leaveOutEvery = 7;

/**
 * A layer in front of one member of etcd, as a proxy that somebody has put there: it hands everything on, and lies where it is
 * told to. HTTP/1, as of health checks, passes through as it is.
 */
export async function startEtcdLayer({ host, port, target, lies }: EtcdLayerOptions): Promise<EtcdLayer> {
  const sockets = new Set<Socket>();
  const past = new Past();
  const grpc = createHttp2Server();
  let told = 0;
  const isLeftOut = (): boolean => (told += 1) % leaveOutEvery === 0;
  grpc.on('session', (session) => {
    const upstream = connectHttp2(`http://${target.host}:${target.port}`);
    upstream.on('error', () => session.destroy());
    upstream.on('close', () => session.destroy());
    session.on('error', () => upstream.destroy());
    session.on('close', () => upstream.destroy());
    session.on('stream', (stream, headers) => {
      if (lies.staleReads && headers[':path'] === paths.range) answerFromPast(stream, headers, upstream, past);
      else handOn(stream, headers, upstream, lies.watchGap && headers[':path'] === paths.watch ? isLeftOut : undefined);
    });
  });
  grpc.listen(0, '127.0.0.1');
  await once(grpc, 'listening');
  const behind = { host: '127.0.0.1', port: (grpc.address() as AddressInfo).port };

  const front = createServer((socket) => {
    keep(sockets, socket);
    socket.once('data', (first: Buffer) => {
      const there = connect(first.toString('latin1').startsWith(preface) ? behind : target);
      keep(sockets, there);
      there.write(first);
      socket.pipe(there).pipe(socket);
      socket.on('close', () => there.destroy());
      there.on('close', () => socket.destroy());
    });
  });
  front.listen(port, host);
  await once(front, 'listening');
  return {
    port: (front.address() as AddressInfo).port,
    close() {
      front.close();
      grpc.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function keep(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  // How a connection breaks is seen by its other end.
  socket.on('error', () => socket.destroy());
  socket.on('close', () => sockets.delete(socket));
}

/** @param isLeftOut asked for each message that tells of something; all are handed on when left out */
function handOn(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, upstream: ClientHttp2Session, isLeftOut: (() => boolean) | undefined): void {
  const there = upstream.request(headers);
  tie(stream, there);
  stream.pipe(there);
  handBack(stream, there, isLeftOut);
}

/** What ends at one side ends at the other. */
function tie(stream: ServerHttp2Stream, there: ClientHttp2Stream): void {
  stream.on('error', () => there.close(constants.NGHTTP2_CANCEL));
  stream.on('close', () => there.close(constants.NGHTTP2_CANCEL));
  there.on('error', () => stream.close(there.rstCode || constants.NGHTTP2_INTERNAL_ERROR));
}

function handBack(stream: ServerHttp2Stream, there: ClientHttp2Stream, isLeftOut?: () => boolean, onWhole?: (body: Buffer) => Buffer): void {
  let trailers: IncomingHttpHeaders | undefined;
  let wanted = false;
  let rest: Buffer = Buffer.alloc(0);
  const whole: Buffer[] = [];
  const sendTrailers = (): void => {
    if (wanted && trailers && !stream.closed) stream.sendTrailers(plain(trailers));
  };
  stream.on('wantTrailers', () => {
    wanted = true;
    sendTrailers();
  });
  there.on('response', (fields, flags) => {
    if (stream.closed) return;
    // An error may come alone, in the first and only headers.
    const isAll = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    stream.respond(plain(fields), isAll ? { endStream: true } : { waitForTrailers: true });
  });
  there.on('trailers', (fields) => {
    trailers = fields;
    sendTrailers();
  });
  there.on('data', (chunk: Buffer) => {
    if (stream.closed) return;
    if (onWhole) return void whole.push(chunk);
    if (!isLeftOut) return void stream.write(chunk);
    const { frames, left } = framesIn(Buffer.concat([rest, chunk]));
    rest = left;
    for (const frame of frames) if (!hasEvents(frame) || !isLeftOut()) stream.write(frame);
  });
  there.on('end', () => {
    if (stream.closed || !stream.headersSent || stream.writableEnded) return;
    if (onWhole && whole.length > 0) stream.write(onWhole(Buffer.concat(whole)));
    stream.end();
  });
}

/** The answer to the same question of a while ago, where there is one; the member is asked all the same. */
function answerFromPast(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, upstream: ClientHttp2Session, past: Past): void {
  const there = upstream.request(headers);
  tie(stream, there);
  const question: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => question.push(chunk));
  stream.on('end', () => there.end(Buffer.concat(question)));
  handBack(stream, there, undefined, (answer) => past.instead(Buffer.concat(question).toString('base64'), answer));
}

/** Fields as they came, without those that HTTP/2 has for itself, except the status. */
function plain(fields: IncomingHttpHeaders): Record<string, string | string[] | number> {
  return Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, string | string[]] => entry[1] !== undefined));
}

/** What was answered before. */
class Past {
  readonly #answers = new Map<string, { atMs: number; answer: Buffer }[]>();

  instead(question: string, answer: Buffer): Buffer {
    const nowMs = performance.now();
    const known = this.#answers.get(question) ?? [];
    const old = known.findLast(({ atMs }) => nowMs - atMs >= pastMs);
    known.push({ atMs: nowMs, answer });
    if (known.length > remembered.answers) known.shift();
    this.#answers.delete(question);
    this.#answers.set(question, known);
    if (this.#answers.size > remembered.questions) this.#answers.delete(this.#answers.keys().next().value!);
    return old?.answer ?? answer;
  }
}
