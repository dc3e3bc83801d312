import { isSabotageName, sabotages } from '../sabotage.ts';
import { ControlError, type ControlApi } from './control.ts';
import { heal } from './heal.ts';
import type { Lab } from './lab.ts';
import { consoleStream } from './logs.ts';
import { diskBytes, labStatus } from './status.ts';

/** What the lab can be asked over its control socket. */
export function labRoutes(lab: Lab, life: { stay(): void; end(): void }): ControlApi {
  return {
    routes: {
      '/status': () => labStatus(lab),
      '/stay': () => life.stay(),
      '/shutdown': () => life.end(),
      '/reset': () => heal(lab),
      '/snapshot': () => lab.aws?.snapshot(),
      '/disk': async () => ({ bytes: await diskBytes() }),
      '/sabotage': (params) => {
        const name = params.get('name');
        if (name === null) return lab.sabotage.list();
        if (!isSabotageName(name)) {
          throw new ControlError('unknown-sabotage', `there is no sabotage "${name}"; there are ${Object.keys(sabotages).join(', ')}`);
        }
        lab.sabotage.set(name, params.get('on') === 'true');
        return lab.sabotage.list();
      },
    },
    streams: {
      '/progress': () => (write, gone) => lab.progress.follow((event) => write(`${JSON.stringify(event)}\n`), gone),
      '/console': consoleStream(lab),
    },
  };
}
