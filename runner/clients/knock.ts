import { connect } from 'node:net';

/**
 * Opens a TCP connection and closes it again: tells, for next to nothing, whether somebody is there.
 *
 * @throws the socket's error; the signal's reason
 */
export async function knock(address: string, port: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ host: address, port }, resolve).on('error', reject);
  const abort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await promise;
  } finally {
    signal.removeEventListener('abort', abort);
    socket.destroy();
  }
}
