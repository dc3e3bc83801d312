import { createReadStream } from 'node:fs';
import { ExpectedError, messageOf } from '../errors.ts';

/**
 * Gives each line of a file, whatever its size, without its end.
 *
 * @param each the line's number from 1, and whether it was cut short: the last one, without an end
 * @throws ExpectedError when the file can't be read, and what `each` throws
 */
export async function readLines(path: string, each: (line: string, number: number, torn: boolean) => void): Promise<void> {
  const stream = createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 20 });
  let rest = '';
  let number = 0;
  try {
    for await (const chunk of stream as AsyncIterable<string>) {
      const text = rest + chunk;
      let from = 0;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
        each(text.charCodeAt(end - 1) === 13 ? text.slice(from, end - 1) : text.slice(from, end), (number += 1), false);
        from = end + 1;
      }
      rest = text.slice(from);
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && 'syscall' in error) throw new ExpectedError(`${path} can't be read: ${messageOf(error)}; give the file of a history`);
    throw error;
  } finally {
    stream.destroy();
  }
  if (rest !== '') each(rest, number + 1, true);
}
