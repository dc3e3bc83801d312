import { createWriteStream, mkdirSync, readdirSync, renameSync, statSync, unlinkSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';

/** Where events go, each a line of JSON. */
export interface AuditLog {
  write(event: object): void;
}

export interface AuditLogOptions {
  readonly folder: string;
  /** Of the file, without its ending: each API server has one of its own. */
  readonly name: string;
  /** A file that has grown this large is put aside. */
  readonly maxBytes?: number;
  readonly trouble: (what: string, error: unknown) => void;
}

const usualMaxBytes = 5_000_000;
/** How many files that were put aside are kept. */
const kept = 1;

/**
 * Opens `<folder>/<name>.log`, and goes on with one that is there. One that is full is put aside as `<name>-<time>.log`, as the
 * real API server does it; of those only the newest is kept.
 */
export function openAuditLog({ folder, name, maxBytes = usualMaxBytes, trouble }: AuditLogOptions): AuditLog {
  const path = join(folder, `${name}.log`);
  mkdirSync(folder, { recursive: true });
  let sizeBytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const open = (): WriteStream => createWriteStream(path, { flags: 'a', mode: 0o600 }).on('error', (error) => trouble('the audit log can not be written', error));
  let stream = open();

  const putAside = (): void => {
    // What is still on its way to the old file gets there under its new name.
    stream.end();
    renameSync(path, join(folder, `${name}-${new Date().toISOString().replaceAll(':', '-')}.log`));
    const old = readdirSync(folder).filter((file) => file.startsWith(`${name}-`) && file.endsWith('.log')).sort();
    for (const file of old.slice(0, -kept)) unlinkSync(join(folder, file));
    stream = open();
    sizeBytes = 0;
  };

  return {
    write(event) {
      const line = `${JSON.stringify(event)}\n`;
      try {
        if (sizeBytes > 0 && sizeBytes + line.length > maxBytes) putAside();
      } catch (error) {
        trouble('the audit log can not be put aside', error);
      }
      sizeBytes += line.length;
      stream.write(line);
    },
  };
}
