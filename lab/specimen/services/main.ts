/** The program of the image `lab/specimen`: its argument says which of the services it is. */
import { parseArgs } from 'node:util';
import { endOnSignal } from '../end-on-signal.ts';
import { services } from './index.ts';
import { createMesh } from './mesh.ts';
import { serve } from './serve.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** Loads the program and ends. */
    check: { type: 'boolean', default: false },
  },
});
if (values.check) process.exit(0);

const [name = ''] = positionals;
const make = services[name];
if (!make) {
  process.stderr.write(`there is no service "${name}"; there are ${Object.keys(services).join(', ')}\n`);
  process.exit(2);
}

/** As long as a kubelet's probe and linkerd's watch need to hear of it. */
const drainMs = 1_500;

const { env } = process;
const log = (line: string): void => void process.stdout.write(`${name}: ${line}\n`);
const mesh = createMesh({ host: env.NODE_IP ?? '127.0.0.1', port: 4140 });
const pod = env.POD_NAME ?? '-';
const served = await serve(make({ mesh, env }), { host: '0.0.0.0', port: Number(env.PORT ?? 8080), pod, version: env.VERSION ?? 'v1', log });
log(`${pod} listens on ${served.port}, and reaches others through ${env.NODE_IP ?? '127.0.0.1'}:4140`);
endOnSignal(() => served.end(drainMs), log);
