import type { IncomingHttpHeaders } from 'node:http';
import type { Mesh } from './mesh.ts';

/** A request, read to its end. */
export interface Asked {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** The parts of the path, decoded: `/accounts/acc_1` is `accounts`, `acc_1`. */
  readonly segments: readonly string[];
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Answer {
  readonly status: number;
  /** Bytes go out as they are, anything else as JSON. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a service does with a request. */
export type Service = (asked: Asked) => Answer | Promise<Answer>;

/** What a service finds around it. */
export interface Surroundings {
  /** The other services. */
  readonly mesh: Mesh;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const refused = (status: number, error: string): Answer => ({ status, body: { error } });
export const notFound = ({ path }: Asked): Answer => refused(404, `there is no ${path}`);
