import { ExpectedError } from '../runner/errors.ts';
import { createMask, type Mask } from '../runner/mask.ts';

/** The one mask of this process: all that it writes goes through it. */
export const mask = createMask();

/** Where the SDK of AWS and the rest of this world look for secrets by themselves. */
const wellKnown = ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_CONTAINER_AUTHORIZATION_TOKEN', 'ETCDCTL_PASSWORD'];

/** Has the well-known variables that hold secrets hidden, before anybody reads them. */
export function hideVariables(variables: NodeJS.ProcessEnv): void {
  for (const name of wellKnown) {
    try {
      mask.add(variables[name] ?? '', { of: `the variable ${name}` });
    } catch (error) {
      // Nobody has asked for it yet: who does is told then.
      if (!(error instanceof ExpectedError)) throw error;
    }
  }
}

/**
 * From now on nothing gets to a stream but through the mask: not by a command, not by a library, not by a stack trace. What is
 * written at a time is looked at as a whole; a secret that comes in two pieces would pass.
 *
 * @returns puts the stream back as it was
 */
export function maskStream(stream: Pick<NodeJS.WriteStream, 'write'>, through: Mask): () => void {
  const write = stream.write.bind(stream) as (chunk: unknown, ...rest: unknown[]) => boolean;
  const masking = (chunk: unknown, ...rest: unknown[]): boolean => {
    if (typeof chunk === 'string') return write(through.text(chunk), ...rest);
    const bytes = chunk as Uint8Array;
    const text = Buffer.from(bytes).toString();
    const safe = through.text(text);
    return write(safe === text ? bytes : safe, ...rest);
  };
  stream.write = masking;
  return () => {
    stream.write = write;
  };
}
