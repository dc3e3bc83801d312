import { Agent, get } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Answer, ProbeStream } from '../../runner/probe.ts';

/** Asks the HTTP target, over connections that are kept. */
export function httpStream(port: number): ProbeStream {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  return {
    name: 'http',
    ask: (signal) =>
      new Promise<Answer>((resolve, reject) => {
        const request = get({ host: '127.0.0.1', port, agent, signal }, (response) => {
          const { statusCode } = response;
          response.resume();
          response.on('error', reject);
          response.on('end', () => resolve(statusCode === 200 ? { value: 'good' } : { value: 'bad', why: `status ${statusCode}` }));
        });
        request.on('error', reject);
      }),
  };
}

/** Asks the TCP target: all questions over one kept connection, which is made again with the next question when it breaks. */
export function tcpStream(port: number): ProbeStream {
  const pending = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>();
  let socket: Socket | undefined;
  let asked = 0;

  function open(): Socket {
    const opened = connect({ port, host: '127.0.0.1', noDelay: true });
    let rest = '';
    opened.setEncoding('latin1');
    opened.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        const [id, said] = line.split(' ');
        pending.get(Number(id))?.resolve(said === 'ok' ? { value: 'good' } : { value: 'bad', why: 'error' });
        pending.delete(Number(id));
      }
    });
    opened.on('error', (error) => fail(opened, error));
    opened.on('close', () => fail(opened, new Error('closed')));
    return opened;
  }

  function fail(failed: Socket, error: Error): void {
    if (socket !== failed) return;
    socket = undefined;
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  }

  return {
    name: 'tcp',
    ask: () =>
      new Promise<Answer>((resolve, reject) => {
        const id = asked++;
        pending.set(id, { resolve, reject });
        socket ??= open();
        socket.write(`${id}\n`);
      }),
  };
}
