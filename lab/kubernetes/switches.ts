import { request } from 'node:http';
import { metadataAddress } from '../names.ts';
import { pause } from './kubelet/pause.ts';

/** Ways in which the lab was told to be wrong, as far as a machine of Kubernetes cares. */
export interface Switches {
  isOn(name: string): boolean;
  close(): void;
}

const retryMs = 1_000;

/** Where a machine asks for them: beside its metadata, which no rule of the network keeps it from. */
export const switchesPath = '/lab/sabotage';

/**
 * Follows the lab's switches: the world writes a line with the names of all that are on, now and at each change. Out of band
 * of everything that is under test. While the world can't be asked, what was heard last holds.
 */
export function followSwitches(log: (line: string) => void): Switches {
  const closing = new AbortController();
  let on = new Set<string>();

  const follow = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const call = request({ host: metadataAddress, path: switchesPath, agent: false, signal: closing.signal }, (response) => {
        let pending = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          const lines = (pending + text).split('\n');
          pending = lines.pop() ?? '';
          const last = lines.at(-1);
          if (last !== undefined) on = new Set(JSON.parse(last) as string[]);
        });
        response.on('end', resolve);
        response.on('error', reject);
      });
      call.on('error', reject);
      call.end();
    });
  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      try {
        await follow();
      } catch (error) {
        if (!closing.signal.aborted) log(`sabotage: ${error instanceof Error ? error.message : String(error)}`);
      }
      await pause(retryMs, closing.signal);
    }
  };
  run().catch((error: unknown) => log(`sabotage: ${String(error)}`));
  return { isOn: (name) => on.has(name), close: () => closing.abort() };
}
