import { request, type IncomingMessage } from 'node:http';
import { LabError, systemCode, type LabErrorCode } from '../errors.ts';
import { socketOf } from './registry.ts';

const answerWithinMs = 10_000;

/**
 * Asks a running lab.
 *
 * @throws LabError with the lab's own words, or when it doesn't answer
 */
export async function askLab<T>(name: string, path: string, params: Record<string, string> = {}, withinMs = answerWithinMs): Promise<T> {
  const response = await open(name, path, params, AbortSignal.timeout(withinMs));
  let text = '';
  try {
    for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
  } catch (error) {
    throw explain(name, error);
  }
  if (response.statusCode === 200) return JSON.parse(text) as T;
  throw refusal(JSON.parse(text) as Refusal);
}

/** What the lab writes to a path that streams, piece by piece. */
export async function* streamLab(
  name: string,
  path: string,
  params: Record<string, string> = {},
  signal?: AbortSignal,
): AsyncGenerator<string> {
  const response = await open(name, path, params, signal);
  try {
    for await (const chunk of response.setEncoding('utf8')) {
      const text = String(chunk);
      if (response.statusCode === 200) yield text;
      else throw refusal(JSON.parse(text) as Refusal);
    }
  } catch (error) {
    throw error instanceof LabError ? error : explain(name, error);
  }
}

interface Refusal {
  readonly code?: LabErrorCode;
  readonly message?: string;
}

const refusal = ({ code, message }: Refusal): LabError => new LabError(code ?? 'start-failed', message ?? 'the lab gave no reason');

function open(name: string, path: string, params: Record<string, string>, signal: AbortSignal | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const query = new URLSearchParams(params).toString();
    const options = { socketPath: socketOf(name), path: query ? `${path}?${query}` : path, agent: false };
    const call = request(signal ? { ...options, signal } : options, resolve);
    call.on('error', (error) => reject(explain(name, error)));
    call.end();
  });
}

/** What the failure of a connection to a lab means. */
function explain(name: string, error: unknown): unknown {
  const code = systemCode(error);
  if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ECONNRESET') {
    return new LabError('not-up', `lab ${name} ended while it was asked`, { cause: error });
  }
  if (error instanceof Error && error.cause instanceof Error && error.cause.name === 'TimeoutError') {
    return new LabError('not-up', `lab ${name} does not answer; end it with: firedrill lab down --lab ${name}`, { cause: error });
  }
  return error;
}
