import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { linesOf } from './clients/kubernetes-lines.ts';

/** A Kubernetes audit log that is read while it is written. */
export interface AuditLog {
  /**
   * Reads what has come.
   *
   * @returns the `auditID`s of all events so far that are of the run
   * @throws when a file can't be read
   */
  read(signal: AbortSignal): Promise<ReadonlySet<string>>;
}

/**
 * Follows an audit log from its present end. What is put aside and begun anew is followed too: in a folder all files that end
 * in `.log`, beside a file those that the API server names after it (`audit-<time>.log`).
 *
 * @param mark what the user agent of the run's calls holds; other events are passed over
 * @throws when it can't be read
 */
export async function followAuditLog(path: string, mark: string): Promise<AuditLog> {
  const found = new Set<string>();
  /** How far each file was read, by device and inode: its name changes when it is put aside. */
  const readTo = new Map<string, number>();
  for (const file of await filesOf(path)) readTo.set(file.key, file.size);
  return {
    async read(signal) {
      for (const { name, key, size } of await filesOf(path)) {
        const known = readTo.get(key) ?? 0;
        // One that has shrunk was emptied in place.
        const from = known > size ? 0 : known;
        if (from === size) continue;
        readTo.set(key, from + (await readEvents(name, from, size, signal, (line) => takeEvent(line, mark, found))));
      }
      return found;
    },
  };
}

function takeEvent(line: string, mark: string, found: Set<string>): void {
  if (!line.includes(mark)) return;
  const { auditID, userAgent } = JSON.parse(line) as { auditID?: string; userAgent?: string };
  if (auditID !== undefined && userAgent?.includes(mark)) found.add(auditID);
}

interface LogFile {
  readonly name: string;
  readonly key: string;
  readonly size: number;
}

async function filesOf(path: string): Promise<LogFile[]> {
  const isFolder = (await stat(path)).isDirectory();
  const folder = isFolder ? path : dirname(path);
  const [own, ending] = [basename(path), extname(path)];
  const stem = `${basename(path, ending)}-`;
  const names = (await readdir(folder)).filter((name) => (isFolder ? name.endsWith('.log') : name === own || (name.startsWith(stem) && name.endsWith(ending))));
  const files = await Promise.all(names.map((name) => lookAtFile(join(folder, name))));
  return files.filter((file) => file !== undefined);
}

/** Undefined when it was taken away since it was listed. */
async function lookAtFile(name: string): Promise<LogFile | undefined> {
  try {
    const { dev, ino, size } = await stat(name);
    return { name, key: `${dev}:${ino}`, size };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** @returns how many bytes were whole lines: the rest is read again when it is whole */
async function readEvents(name: string, from: number, to: number, signal: AbortSignal, take: (line: string) => void): Promise<number> {
  const file = await open(name);
  try {
    let whole = 0;
    let sinceEnd = 0;
    const bytes = file.createReadStream({ start: from, end: to - 1, signal, autoClose: false });
    const counted = async function* (): AsyncGenerator<Buffer> {
      for await (const chunk of bytes as AsyncIterable<Buffer>) {
        const end = chunk.lastIndexOf(0x0a);
        if (end >= 0) whole += sinceEnd + end + 1;
        sinceEnd = end >= 0 ? chunk.length - end - 1 : sinceEnd + chunk.length;
        yield chunk;
      }
    };
    for await (const line of linesOf(counted())) take(line);
    return whole;
  } finally {
    await file.close();
  }
}
