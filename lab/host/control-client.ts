import { request, type IncomingMessage } from 'node:http';
import { LabError, type LabErrorCode } from '../errors.ts';
import { socketOf } from './registry.ts';

const answerWithinMs = 10_000;

/**
 * Asks a running lab.
 *
 * @throws LabError with the lab's own words, or when it doesn't answer
 */
export async function askLab<T>(name: string, path: string, params: Record<string, string> = {}, withinMs = answerWithinMs): Promise<T> {
  let text = '';
  const response = await open(name, path, params, AbortSignal.timeout(withinMs));
  for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
  const answer = JSON.parse(text) as T & { code?: string; message?: string };
  if (response.statusCode === 200) return answer;
  throw new LabError((answer.code ?? 'start-failed') as LabErrorCode, answer.message ?? text);
}

/** What the lab writes to a path that streams, piece by piece. */
export async function* streamLab(
  name: string,
  path: string,
  params: Record<string, string> = {},
  signal?: AbortSignal,
): AsyncGenerator<string> {
  const response = await open(name, path, params, signal);
  for await (const chunk of response.setEncoding('utf8')) {
    const text = String(chunk);
    if (response.statusCode !== 200) {
      const { code, message } = JSON.parse(text) as { code: LabErrorCode; message: string };
      throw new LabError(code, message);
    }
    yield text;
  }
}

function open(name: string, path: string, params: Record<string, string>, signal: AbortSignal | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const query = new URLSearchParams(params).toString();
    const call = request({ socketPath: socketOf(name), path: query ? `${path}?${query}` : path, agent: false, ...(signal ? { signal } : {}) }, resolve);
    call.on('error', (error) => {
      if (signal?.aborted && error.name !== 'AbortError') reject(error);
      else if (signal?.reason instanceof Error && signal.reason.name === 'TimeoutError') {
        reject(new LabError('not-up', `lab "${name}" does not answer; end it with: firedrill lab down --lab ${name}`));
      } else reject(error);
    });
    call.end();
  });
}
