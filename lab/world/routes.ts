import { kubernetesSabotages, sabotagedParts, specimenSabotages } from '../kubernetes/sabotage.ts';
import { readSabotage, SabotageError, type SabotageState } from '../sabotage.ts';
import { ControlError, type ControlApi } from './control.ts';
import { heal } from './heal.ts';
import type { Lab } from './lab.ts';
import { consoleStream } from './logs.ts';
import { firstProcessOf } from './machine-named.ts';
import { diskBytes, labStatus } from './status.ts';

/** What the lab can be asked over its control socket. */
export function labRoutes(lab: Lab, life: { stay(): void; end(): void }): ControlApi {
  return {
    routes: {
      '/status': () => labStatus(lab),
      '/stay': () => life.stay(),
      '/shutdown': () => life.end(),
      '/reset': () => heal(lab),
      '/machine': (params) => firstProcessOf(lab, params.get('machine') ?? ''),
      '/snapshot': (params) => (params.get('form') === 'normal' ? lab.aws?.normalForm() : lab.aws?.snapshot()),
      '/disk': async () => ({ bytes: await diskBytes() }),
      '/sabotage': (params) => {
        const name = params.get('name');
        if (name === null) return lab.sabotage.list();
        return switchSabotage(lab, name, params.get('on') === 'true');
      },
    },
    streams: {
      '/progress': () => (write, gone) => lab.progress.follow((event) => write(`${JSON.stringify(event)}\n`), gone),
      '/console': consoleStream(lab),
    },
  };
}

/** Within this time a switch that is an object of the cluster is in it, unless the API doesn't answer. */
const appliedWithinMs = 4_000;

async function switchSabotage(lab: Lab, text: string, on: boolean): Promise<SabotageState[]> {
  try {
    const { name, amount } = readSabotage(text, on);
    if (Object.hasOwn(kubernetesSabotages, name) && !lab.config.kubernetes) {
      throw new ControlError('unknown-sabotage', `the sabotage ${name} is one of Kubernetes, and lab ${lab.config.name} has none; start it with --kubernetes`);
    }
    if (Object.hasOwn(specimenSabotages, name) && !lab.config.specimen) {
      throw new ControlError('unknown-sabotage', `the sabotage ${name} is one of the specimen, and lab ${lab.config.name} has none; start it with --specimen`);
    }
    const part = sabotagedParts[name];
    if (on && part !== undefined && lab.config.kubeAssets) {
      const { folder, version } = lab.config.kubeAssets;
      throw new ControlError(
        'unknown-sabotage',
        `the sabotage ${name} is done by the lab's own ${part}, and lab ${lab.config.name} runs that of Kubernetes ${version} from ${folder}; start it without --kube-assets`,
      );
    }
    lab.sabotage.set(name, on, amount);
    await lab.etcdLies?.settled();
    await lab.kubernetes?.specimenSabotage?.applied(appliedWithinMs);
  } catch (error) {
    if (error instanceof SabotageError) throw new ControlError('unknown-sabotage', error.message);
    throw error;
  }
  return lab.sabotage.list();
}
