import { createHash } from 'node:crypto';
import { open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from './clock.ts';
import type { Environment } from './environment.ts';
import { ExpectedError, messageOf, Refused } from './errors.ts';

export interface Lock {
  release(): Promise<void>;
}

/**
 * Keeps a second run out of an environment. The lock is a file, so it works while the platform is down; one whose process
 * is gone is taken over.
 *
 * @throws Refused when another run holds it
 */
export async function takeLock(environment: Environment, run: string, clock: Clock): Promise<Lock> {
  const path = environment.lock?.file ?? join(tmpdir(), `firedrill-${platformKey(environment)}.lock`);
  const content = JSON.stringify({ run, pid: process.pid, since: new Date(clock.wall()).toISOString() });
  for (let attempt = 1; ; attempt += 1) {
    if (await create(path, content)) return { release: () => rm(path, { force: true }) };
    const holder = await holderOf(path);
    if (holder && (isAlive(holder.pid) || attempt > 3)) {
      throw new Refused([
        `run ${holder.run} (process ${holder.pid}, since ${holder.since}) is under way in environment ${environment.name}; ` +
          `one drill at a time (lock ${path})`,
      ]);
    }
    await rm(path, { force: true });
  }
}

/** The same for the same platform, by whichever file it is named. */
export function platformKey({ name, aws, etcd, kubernetes, enter }: Environment): string {
  const cluster = kubernetes ? [kubernetes.clusterUid ?? kubernetes.context] : [];
  const platform = JSON.stringify([name, aws?.accountId, aws?.endpoint, etcd?.clusterId, enter, ...cluster]);
  return createHash('sha256').update(platform).digest('hex').slice(0, 16);
}

async function create(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(content);
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new ExpectedError(`the lock ${path} can't be taken: ${messageOf(error)}`, undefined, { cause: error });
  }
}

interface Holder {
  readonly run: string;
  readonly pid: number;
  readonly since: string;
}

/** Undefined when it was given back meanwhile, or is no lock of ours that could tell its process. */
async function holderOf(path: string): Promise<Holder | undefined> {
  try {
    const { run, pid, since } = JSON.parse(await readFile(path, 'utf8')) as Partial<Holder>;
    return typeof pid === 'number' ? { run: run ?? '(unknown)', pid, since: since ?? '(unknown)' } : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
