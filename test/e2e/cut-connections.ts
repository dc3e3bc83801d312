import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a server on loopback on which connections can be cut, as a load balancer or a dying machine does it. */
export interface Wire {
  readonly port: number;
  /** Ends all connections that there are. */
  cut(): void;
  /** From now on nobody gets through; null lets everybody through again, to the port given. */
  leadTo(port: number | null): void;
  close(): Promise<void>;
}

/** @param port where connections lead at first */
export async function openWire(port: number): Promise<Wire> {
  const sockets = new Set<Socket>();
  let target: number | null = port;
  const server = createServer((from) => {
    if (target === null) {
      from.resetAndDestroy();
      return;
    }
    const to = connect(target, '127.0.0.1');
    for (const [socket, other] of [[from, to], [to, from]] as const) {
      sockets.add(socket);
      // Either end's breaking breaks the other.
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    leadTo(next) {
      target = next;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}
