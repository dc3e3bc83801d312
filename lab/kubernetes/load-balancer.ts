import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A load balancer for TCP, as AWS's: it knows which targets answer, and lets go of those that don't. */
export interface LoadBalancer {
  /** The addresses that get connections now. */
  healthy(): string[];
  close(): void;
}

export interface LoadBalancerOptions {
  readonly host: string;
  readonly port: number;
  readonly targetPort: number;
  /** The addresses of the machines that are registered now. */
  readonly targets: () => readonly string[];
  readonly checkEveryMs: number;
}

/** So many checks in a row decide. */
const threshold = 2;
const answerWithinMs = 1_000;

interface Target {
  healthy: boolean;
  /** Checks in a row that said otherwise. */
  against: number;
  readonly connections: Set<Socket>;
}

/** Listens and forwards bytes. A connection whose target is unhealthy or gone is closed, so that who holds it hears of it. */
export async function startLoadBalancer({ host, port, targetPort, targets, checkEveryMs }: LoadBalancerOptions): Promise<LoadBalancer> {
  const known = new Map<string, Target>();
  let next = 0;

  const open = (address: string): Promise<Socket | undefined> =>
    new Promise((resolve) => {
      const socket = connect({ host: address, port: targetPort, timeout: answerWithinMs });
      const refuse = (): void => {
        socket.destroy();
        resolve(undefined);
      };
      socket.once('error', refuse);
      socket.once('timeout', refuse);
      socket.once('connect', () => {
        socket.off('error', refuse);
        socket.off('timeout', refuse);
        socket.setTimeout(0);
        resolve(socket);
      });
    });

  function drop(target: Target): void {
    for (const socket of target.connections) socket.destroy();
  }

  async function check(address: string, target: Target): Promise<void> {
    const socket = await open(address);
    socket?.on('error', () => {}).destroy();
    target.against = (socket !== undefined) === target.healthy ? 0 : target.against + 1;
    if (target.against < threshold) return;
    target.against = 0;
    target.healthy = !target.healthy;
    if (!target.healthy) drop(target);
  }

  async function look(): Promise<void> {
    const registered = targets();
    for (const [address, target] of known) {
      if (registered.includes(address)) continue;
      known.delete(address);
      drop(target);
    }
    for (const address of registered) if (!known.has(address)) known.set(address, { healthy: false, against: threshold - 1, connections: new Set() });
    await Promise.all([...known].map(([address, target]) => check(address, target)));
  }

  /** Healthy targets in turn; while none is, all are tried, as AWS fails open. */
  async function forward(client: Socket): Promise<void> {
    client.on('error', () => client.destroy());
    const healthy = [...known].filter(([, target]) => target.healthy);
    const candidates = healthy.length > 0 ? healthy : [...known];
    next++;
    for (let tried = 0; tried < candidates.length && !client.destroyed; tried++) {
      const [address, target] = candidates[(next + tried) % candidates.length]!;
      const server = await open(address);
      if (!server) continue;
      target.connections.add(server);
      server.on('error', () => server.destroy());
      server.on('close', () => {
        target.connections.delete(server);
        client.destroy();
      });
      client.on('close', () => server.destroy());
      client.setNoDelay(true);
      server.setNoDelay(true);
      client.pipe(server).pipe(client);
      return;
    }
    client.resetAndDestroy();
  }

  const listener = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (client) => {
    forward(client).catch(() => client.destroy());
  });
  listener.listen(port, host);
  await once(listener, 'listening');
  const checking = setInterval(() => void look(), checkEveryMs);
  await look();
  return {
    healthy: () => [...known].flatMap(([address, target]) => (target.healthy ? [address] : [])),
    close() {
      clearInterval(checking);
      listener.close();
      for (const target of known.values()) drop(target);
    },
  };
}
