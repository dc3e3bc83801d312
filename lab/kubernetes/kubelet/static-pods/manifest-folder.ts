import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../../../errors.ts';
import type { Pod } from '../../objects.ts';
import { pause } from '../pause.ts';
import { staticPod } from './manifest.ts';

export interface FolderOptions {
  readonly folder: string;
  /** The node's name. */
  readonly node: string;
  /** All static pods that the folder asks for; called at the start and when that changes. */
  readonly changed: (pods: readonly Pod[]) => void;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

const lookEveryMs = 500;

interface Known {
  /** Tells one state of a file from the next. */
  readonly stamp: string;
  /** Undefined when no pod can be made of it. */
  readonly pod: Pod | undefined;
}

/** Makes the folder of manifests and follows it, until the signal comes. A file that can't be read as a pod is told of once. */
export async function followManifests({ folder, node, changed, signal, log }: FolderOptions): Promise<void> {
  mkdirSync(folder, { recursive: true });
  let known = new Map<string, Known>();
  while (!signal.aborted) {
    const now = new Map<string, Known>();
    for (const [path, stamp] of filesIn(folder)) {
      const before = known.get(path);
      now.set(path, before?.stamp === stamp ? before : { stamp, pod: await read(path, { node, log }) });
    }
    const isChanged = uidsOf(now) !== uidsOf(known);
    known = now;
    if (isChanged) changed(podsOf(now));
    await pause(lookEveryMs, signal);
  }
}

const podsOf = (known: ReadonlyMap<string, Known>): Pod[] => [...known.values()].flatMap(({ pod }) => pod ?? []);
const uidsOf = (known: ReadonlyMap<string, Known>): string => podsOf(known).map(({ metadata }) => metadata.uid).join();

/** By their paths; hidden files are those that an editor, or a `cp` that goes on, hasn't finished. */
function filesIn(folder: string): [path: string, stamp: string][] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => !name.startsWith('.'));
  } catch (error) {
    // Somebody took the whole folder away, and its pods with it.
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
  return names.sort().flatMap((name): [string, string][] => {
    const stat = statSync(join(folder, name), { throwIfNoEntry: false });
    return stat?.isFile() ? [[join(folder, name), `${stat.ino} ${stat.mtimeMs} ${stat.size}`]] : [];
  });
}

async function read(path: string, { node, log }: Pick<FolderOptions, 'node' | 'log'>): Promise<Pod | undefined> {
  try {
    // Only when it is needed: a kubelet is one of many on this computer.
    const { parse } = await import('yaml');
    return staticPod(parse(readFileSync(path, 'utf8')), { path, node, seenAt: new Date().toISOString().replace('Z', '000000Z') });
  } catch (error) {
    log(`the static pod of ${path} can't be run: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
