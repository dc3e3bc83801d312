import { request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { connect } from 'node:net';
import type { Container, Probe } from '../objects.ts';

/** What one question to a container brought. */
export interface ProbeResult {
  readonly good: boolean;
  /** Why not, in a kubelet's words. */
  readonly why: string;
}

export interface ProbeTarget {
  readonly address: string;
  readonly container: Container;
  /** Runs a program in the container; gives its exit code and what it wrote. */
  exec(command: readonly string[], timeoutMs: number): Promise<{ code: number; output: string }>;
}

/** Asks once. A question that can't be asked, such as one to a port that has no number, is a bad answer. */
export async function ask(probe: Probe, target: ProbeTarget): Promise<ProbeResult> {
  try {
    return await askOnce(probe, target);
  } catch (error) {
    return { good: false, why: error instanceof Error ? error.message : String(error) };
  }
}

function askOnce(probe: Probe, target: ProbeTarget): Promise<ProbeResult> {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
  if (probe.httpGet) return askHttp(probe.httpGet, target, timeoutMs);
  if (probe.tcpSocket) return askTcp(probe.tcpSocket.host ?? target.address, portOf(probe.tcpSocket.port, target.container), timeoutMs);
  if (probe.exec) return askExec(probe.exec.command ?? [], target, timeoutMs);
  return Promise.resolve({ good: false, why: 'missing probe handler' });
}

function portOf(port: number | string, container: Container): number {
  if (typeof port === 'number') return port;
  return container.ports?.find((each) => each.name === port)?.containerPort ?? Number(port);
}

function askHttp(get: NonNullable<Probe['httpGet']>, target: ProbeTarget, timeoutMs: number): Promise<ProbeResult> {
  const secure = get.scheme === 'HTTPS';
  const host = get.host ?? target.address;
  const port = portOf(get.port, target.container);
  const path = get.path ?? '/';
  const url = `${secure ? 'https' : 'http'}://${host}:${port}${path.startsWith('/') ? path : `/${path}`}`;
  const headers: Record<string, string> = { 'user-agent': 'kube-probe/1.36', accept: '*/*', connection: 'close' };
  for (const { name, value } of get.httpHeaders ?? []) headers[name.toLowerCase()] = value;
  return new Promise((resolve) => {
    const options = { method: 'GET', headers, agent: false, signal: AbortSignal.timeout(timeoutMs), rejectUnauthorized: false };
    const call = (secure ? secureRequest : request)(url, options, (response) => {
      const { statusCode = 0 } = response;
      response.resume();
      const good = statusCode >= 200 && statusCode < 400;
      resolve({ good, why: good ? '' : `HTTP probe failed with statuscode: ${statusCode}` });
    });
    call.on('error', (error) => resolve({ good: false, why: `Get "${url}": ${connectionError(error, host, port, 'Client.Timeout exceeded while awaiting headers')}` }));
    call.end();
  });
}

function askTcp(host: string, port: number, timeoutMs: number): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const end = (result: ProbeResult): void => {
      socket.destroy();
      resolve(result);
    };
    socket.on('connect', () => end({ good: true, why: '' }));
    socket.on('timeout', () => end({ good: false, why: `dial tcp ${host}:${port}: i/o timeout` }));
    socket.on('error', (error) => end({ good: false, why: connectionError(error, host, port, 'i/o timeout') }));
  });
}

async function askExec(command: readonly string[], target: ProbeTarget, timeoutMs: number): Promise<ProbeResult> {
  const { code, output } = await target.exec(command, timeoutMs);
  return { good: code === 0, why: code === 0 ? '' : output.trim() };
}

/** As Go says it. */
function connectionError(error: Error, host: string, port: number, timeout: string): string {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ECONNREFUSED') return `dial tcp ${host}:${port}: connect: connection refused`;
  if (code === 'EHOSTUNREACH') return `dial tcp ${host}:${port}: connect: no route to host`;
  if (code === 'ECONNRESET') return 'EOF';
  if (error.name === 'TimeoutError' || code === 'ABORT_ERR') return `context deadline exceeded (${timeout})`;
  return error.message;
}
