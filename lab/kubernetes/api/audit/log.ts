import { closeSync, mkdirSync, openSync, readdirSync, renameSync, statSync, unlinkSync, writeSync } from 'node:fs';
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
  const open = (): number => openSync(path, 'a', 0o600);
  let file = open();

  const putAside = (): void => {
    closeSync(file);
    renameSync(path, join(folder, `${name}-${new Date().toISOString().replaceAll(':', '-')}.log`));
    file = open();
    const old = readdirSync(folder).filter((file) => file.startsWith(`${name}-`) && file.endsWith('.log')).sort();
    for (const file of old.slice(0, -kept)) unlinkSync(join(folder, file));
    sizeBytes = 0;
  };

  return {
    write(event) {
      const line = `${JSON.stringify(event)}\n`;
      try {
        if (sizeBytes > 0 && sizeBytes + line.length > maxBytes) putAside();
        // At once: lines are few, and one that is on its way would be lost with the machine.
        sizeBytes += writeSync(file, line);
      } catch (error) {
        trouble('the audit log can not be written', error);
      }
    },
  };
}
