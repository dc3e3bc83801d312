import type { KubeConfig, V1Status } from '@kubernetes/client-node';
import { Writable } from 'node:stream';
import { messageOf } from '../errors.ts';
import type { Mask } from '../mask.ts';
import type { ExecResult, ExecTarget } from './kubernetes-connection.ts';
import { refusal, type KubernetesCall } from './kubernetes-failure.ts';
import { loadExec } from './kubernetes-library.ts';

/** A command's words are few: more than this is not kept. */
const mostOutput = 4_000;

/**
 * Runs a command through the library's WebSocket.
 *
 * @param headers sent with the request for it
 * @throws KubernetesFailure when the server refuses it
 */
export async function runInContainer(
  config: KubeConfig,
  { namespace, pod, container, command, call, context, headers, mask }: ExecTarget & { call: KubernetesCall; context: string; headers: Readonly<Record<string, string>>; mask: Mask },
  signal: AbortSignal,
): Promise<ExecResult> {
  let output = '';
  const collect = (): Writable =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        output = mask.text(output + chunk.toString()).slice(0, mostOutput);
        done();
      },
    });
  const { promise: status, resolve, reject } = Promise.withResolvers<V1Status>();
  status.catch(() => {
    // Reaches the caller below, once the socket is open.
  });
  try {
    const Exec = await loadExec();
    const socket = await new Exec(withHeaders(config, headers)).exec(namespace, pod, container, [...command], collect(), collect(), null, false, resolve);
    const abort = (): void => {
      reject(signal.reason);
      socket.terminate();
    };
    socket.on('close', () => reject(new Error('the connection ended before the command did')));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    try {
      return resultOf(await status, output);
    } finally {
      signal.removeEventListener('abort', abort);
      socket.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    // The library hands over what its socket said: the status of a refusal is only in these words.
    const text = messageOf(error instanceof Error ? error : new Error(String((error as { message?: unknown })?.message ?? error)));
    const refused = /Unexpected server response: (\d{3})/.exec(text)?.[1];
    if (refused !== undefined) throw refusal(Number(refused), '', call, context);
    throw error instanceof Error ? error : new Error(text, { cause: (error as { error?: unknown })?.error });
  }
}

/** The library takes no headers for its WebSockets; it asks the configuration for what to open them with. */
function withHeaders(config: KubeConfig, headers: Readonly<Record<string, string>>): KubeConfig {
  const adds: Pick<KubeConfig, 'applyToHTTPSOptions'> = {
    async applyToHTTPSOptions(options) {
      await config.applyToHTTPSOptions(options);
      options.headers = { ...options.headers, ...headers };
    },
  };
  return Object.assign(Object.create(config) as KubeConfig, adds);
}

function resultOf(status: V1Status, output: string): ExecResult {
  if (status.status === 'Success') return { exitCode: 0, output };
  const exitCode = status.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
  const said = [output.trim(), status.message ?? ''].filter(Boolean).join(': ');
  return { exitCode: exitCode === undefined ? undefined : Number(exitCode), output: said };
}
