import type { WebSocket } from 'ws';
import type { Inside } from './container/index.ts';
import { startExec } from './runtime/exec-process.ts';
import { findInRoot } from './runtime/root-folder.ts';

/** The channels of the remote command protocol: the first byte of each frame. */
const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

export interface ExecRequest {
  readonly command: readonly string[];
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** Runs a program in a container for somebody at the other end of a WebSocket, and tells how it ended. */
export function execSession(socket: WebSocket, inside: Inside, request: ExecRequest): void {
  const send = (to: number, data: Buffer | string): void => {
    if (socket.readyState === socket.OPEN) socket.send(Buffer.concat([Buffer.from([to]), Buffer.from(data)]), { binary: true });
  };
  const end = (status: object): void => {
    send(channel.error, JSON.stringify({ metadata: {}, ...status }));
    socket.close(1000);
  };
  send(channel.stdout, '');
  const [program = ''] = request.command;
  if (findInRoot(inside.root, program, inside.env.PATH ?? '') === undefined) {
    const missing = program.includes('/') ? `stat ${program}: no such file or directory` : 'executable file not found in $PATH';
    const message =
      'Internal error occurred: error executing command in container: failed to exec in container: failed to start exec: ' +
      `OCI runtime exec failed: exec failed: unable to start container process: exec: "${program}": ${missing}`;
    return end({ status: 'Failure', message, reason: 'InternalError', details: { causes: [{ message }] }, code: 500 });
  }
  const child = startExec({ ...inside, argv: request.command, tty: request.tty });
  child.stdin?.on('error', () => {});
  if (!request.stdin) child.stdin?.end();
  if (request.stdout) child.stdout?.on('data', (chunk: Buffer) => send(channel.stdout, chunk));
  else child.stdout?.resume();
  if (request.stderr) child.stderr?.on('data', (chunk: Buffer) => send(channel.stderr, chunk));
  else child.stderr?.resume();
  socket.on('message', (data: Buffer) => {
    const [to, first] = data;
    if (to === channel.stdin && request.stdin) child.stdin?.write(data.subarray(1));
    else if (to === channel.close && first === channel.stdin) child.stdin?.end();
  });
  // Who hangs up doesn't want it to go on.
  socket.on('close', () => child.kill('SIGKILL'));
  socket.on('error', () => child.kill('SIGKILL'));
  child.on('error', (error) => end({ status: 'Failure', message: error.message, reason: 'InternalError', code: 500 }));
  child.on('close', (code, signal) => {
    const exit = code ?? (signal === 'SIGTERM' ? 143 : 137);
    if (exit === 0) return end({ status: 'Success' });
    end({
      status: 'Failure',
      message: `command terminated with non-zero exit code: command terminated with exit code ${exit}`,
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: String(exit) }] },
    });
  });
}
