import { constants } from 'node:fs';
import { open, realpath, type FileHandle } from 'node:fs/promises';
import { basename, dirname, relative, resolve, sep } from 'node:path';

/** A file that can't be taken, in words that begin after its name: `is a folder; give a file`. */
export class FileRefused extends Error {
  override readonly name = 'FileRefused';
  /** Node's own, such as `ENOENT`; undefined where it was us who refused. */
  readonly code: string | undefined;
  constructor(message: string, options?: ErrorOptions & { code?: string | undefined }) {
    super(message, options);
    this.code = options?.code;
  }
}

const chunkBytes = 64 * 1024;

/**
 * Reads a whole file that somebody else may have put there. Never waits: a pipe or a device, which could stay silent or
 * never end, is refused without reading a byte.
 *
 * @param limitBytes larger files are refused
 * @throws FileRefused
 */
export async function readWhole(path: string, limitBytes: number): Promise<Buffer> {
  let file: FileHandle;
  try {
    // Without the flag, opening a named pipe waits for somebody to write into it.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw unreadable(error);
  }
  try {
    const stat = await file.stat();
    if (stat.isDirectory()) throw new FileRefused('is a folder; give a file');
    if (!stat.isFile()) throw new FileRefused('is a pipe or a device; give a file');
    // Not as many as the file says: those of /proc say none, and a log grows meanwhile.
    const chunks: Buffer[] = [];
    let length = 0;
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(chunkBytes), 0, chunkBytes, length);
      length += bytesRead;
      if (length > limitBytes) throw new FileRefused(`has more than ${limitBytes} bytes; give a smaller one`);
      if (bytesRead === 0) return Buffer.concat(chunks);
      chunks.push(buffer.subarray(0, bytesRead));
    }
  } catch (error) {
    throw error instanceof FileRefused ? error : unreadable(error);
  } finally {
    await file.close();
  }
}

/** The same for a text. @throws FileRefused, also where it is no UTF-8 */
export async function readText(path: string, limitBytes: number): Promise<string> {
  const bytes = await readWhole(path, limitBytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new FileRefused('is no text in UTF-8', { cause: error });
  }
}

/**
 * That a file is where its path says: no symbolic link on the way leads out of the project. That is the working folder for
 * what lies below it, and the file's own folder for all else.
 *
 * @throws FileRefused when it leads out; nothing for a file that isn't there
 */
export async function refuseWayOut(path: string): Promise<void> {
  const named = resolve(path);
  const below = (folder: string, file: string): boolean => file.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
  const project = below(resolve('.'), named) ? resolve('.') : dirname(named);
  try {
    const [home, real] = [await realpath(project), await realpath(named)];
    if (below(home, real)) return;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return;
    throw error;
  }
  throw new FileRefused(`is a link that leads out of ${relative('.', project) || basename(project)}; give the file itself`);
}

/** Where the words of the system are few, ours: it says `ENOENT: no such file or directory, open '…'`. */
function unreadable(error: unknown): FileRefused {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  const words: Readonly<Record<string, string>> = { ENOENT: 'no such file', EACCES: 'no permission', ELOOP: 'links that go in a circle', ENXIO: 'it is a socket' };
  const why = (code !== undefined && words[code]) || (error instanceof Error ? error.message : String(error));
  return new FileRefused(`can't be read: ${code === undefined ? '' : `${code}: `}${why}`, { cause: error, code });
}
