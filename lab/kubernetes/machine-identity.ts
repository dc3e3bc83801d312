import { instanceMetadata } from '../instance-metadata.ts';
import { pause } from './kubelet/pause.ts';

const retryMs = 500;

/** Who a master is. */
export interface MachineIdentity {
  readonly address: string;
  readonly hostname: string;
  readonly region: string;
}

/** Asks the metadata service until it answers: a machine boots before the network it needs is whole. */
export async function machineIdentity(log: (line: string) => void): Promise<MachineIdentity> {
  const patiently = async (path: string): Promise<string> => {
    for (;;) {
      try {
        return await instanceMetadata(path);
      } catch (error) {
        log(`metadata: ${error instanceof Error ? error.message : String(error)}`);
        await pause(retryMs);
      }
    }
  };
  const [address, hostname, region] = [await patiently('local-ipv4'), await patiently('local-hostname'), await patiently('placement/region')];
  return { address, hostname, region };
}
