/**
 * A service in a process of its own whose outages are known: `node target.ts <http|tcp> <outages> <seed>`. Tells its port,
 * waits to be told to go, goes through the outages, and tells when each began and ended, on the machine's monotonic
 * clock, which is the same in all processes.
 */
import { spawnSync } from 'node:child_process';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { seeded } from '../../runner/rng.ts';

export type Kind = 'refuse' | 'error' | 'hang' | 'hold';
const kinds: readonly Kind[] = ['refuse', 'error', 'hang', 'hold'];

export interface TrueOutage {
  readonly kind: Kind;
  /** The last answer went out before this, none after. */
  readonly from: number;
  /** The first answer went out after this. */
  readonly to: number;
  /** How long the change itself took, for the machine may halt the process in the middle of it. */
  readonly fuzzMs: number;
}

/** The machine did not let this process run: then it was out too, and nobody meant it. */
export interface Standstill {
  readonly from: number;
  readonly to: number;
}

export type Told =
  | { readonly port: number }
  | { readonly outages: readonly TrueOutage[]; readonly standstills: readonly Standstill[] };

/** Milliseconds on CLOCK_MONOTONIC. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

const shortestMs = 30;
const longestMs = 3_000;
const calmMs = { least: 150, most: 400 };
const standstillMs = 4;

/** What the service does with a request now, and with those that it keeps waiting. */
let state: Kind | 'fine' = 'fine';
let waiting: (() => void)[] = [];
const sockets = new Set<Socket>();

/** Answers, refuses, keeps waiting or forgets one request. */
function handle(answer: (ok: boolean) => void): void {
  if (state === 'fine') answer(true);
  else if (state === 'error') answer(false);
  else if (state === 'hold') waiting.push(() => answer(true));
}

function httpService(): Server {
  return createHttpServer((_, response) => {
    handle((ok) => {
      response.statusCode = ok ? 200 : 503;
      response.end('answer');
    });
  });
}

/** As etcd's: requests and answers with numbers over one kept connection. */
function tcpService(): Server {
  return createTcpServer({ noDelay: true }, (socket) => {
    let rest = '';
    socket.setEncoding('latin1');
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      for (const line of lines) handle((ok) => socket.write(`${line} ${ok ? 'ok' : 'error'}\n`));
    });
  });
}

async function main([protocol, count, seed]: string[]): Promise<void> {
  goFirst();
  const server = protocol === 'http' ? httpService() : tcpService();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;
  const going = new Promise((resolve) => process.once('message', resolve));
  tell({ port });
  await going;

  const standstills = watchStandstills();
  const random = seeded(Number(seed));
  const outages: TrueOutage[] = [];
  for (let index = 0; index < Number(count); index++) {
    const kind = kinds[index % kinds.length]!;
    const lengthMs = shortestMs * (longestMs / shortestMs) ** random.next();
    await sleep(calmMs.least + random.next() * (calmMs.most - calmMs.least));
    outages.push(await beOut(kind, lengthMs, server, port));
  }
  await sleep(calmMs.most);
  tell({ outages, standstills });
  process.disconnect();
  for (const socket of sockets) socket.destroy();
  process.exit(0);
}

async function beOut(kind: Kind, lengthMs: number, server: Server, port: number): Promise<TrueOutage> {
  const from = monotonicMs();
  state = kind;
  if (kind === 'refuse') {
    server.close();
    for (const socket of sockets) socket.resetAndDestroy();
  }
  const brokenAt = monotonicMs();
  await sleep(lengthMs);
  const mendingAt = monotonicMs();
  if (kind === 'refuse') await listen(server, port);
  const to = monotonicMs();
  state = 'fine';
  for (const answer of waiting) answer();
  waiting = [];
  return { kind, from, to, fuzzMs: Math.max(brokenAt - from, to - mendingAt) };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', backlog: 1_024 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function watchStandstills(): Standstill[] {
  const found: Standstill[] = [];
  let last = monotonicMs();
  setInterval(() => {
    const now = monotonicMs();
    if (now - last > standstillMs) found.push({ from: last, to: now });
    last = now;
  }, 1);
  return found;
}

/**
 * Other load on the machine must not be measured: where that is allowed, this process goes first, before all of normal
 * priority.
 *
 * @returns whether it was allowed
 */
export function goFirst(): boolean {
  return spawnSync('chrt', ['--all-tasks', '--fifo', '--pid', '10', String(process.pid)]).status === 0;
}

function tell(told: Told): void {
  process.send!(told);
}

if (import.meta.main) await main(process.argv.slice(2));
