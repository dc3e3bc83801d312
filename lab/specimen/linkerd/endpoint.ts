import { Agent } from 'node:http';
import { createFailureAccrual, type AccrualEvents, type FailureAccrual, type FailureAccrualOptions } from './failure-accrual.ts';

/** One address of a service: its connections, what is under way with it, and its circuit breaker. */
export interface Endpoint {
  /** `10.200.1.40:8080` */
  readonly address: string;
  readonly host: string;
  readonly port: number;
  readonly pool: Agent;
  readonly accrual: FailureAccrual;
  /** Requests under way. */
  load: number;
  /** Ends the connections that wait; those in use go on until their answers are there. */
  close(): void;
}

export interface EndpointOptions {
  readonly accrual: FailureAccrualOptions;
  /** Idle connections that are kept. */
  readonly mostIdle: number;
  /** After this time an idle connection is closed: before the service does so itself. */
  readonly idleMs: number;
}

export function createEndpoint(address: string, { accrual, mostIdle, idleMs }: EndpointOptions, events: AccrualEvents): Endpoint {
  const colon = address.lastIndexOf(':');
  const pool = new Agent({ keepAlive: true, maxFreeSockets: mostIdle, timeout: idleMs, scheduling: 'lifo' });
  return {
    address,
    host: address.slice(0, colon),
    port: Number(address.slice(colon + 1)),
    pool,
    accrual: createFailureAccrual(accrual, events),
    load: 0,
    close() {
      pool.maxFreeSockets = 0;
      for (const idle of Object.values(pool.freeSockets)) for (const socket of idle ?? []) socket.destroy();
    },
  };
}
