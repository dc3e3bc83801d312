import { z } from 'zod';
import { planSignals, signalling } from '../container-signalling.ts';
import { daemonSelects, pickDaemons } from '../daemon-selection.ts';
import { defineFault } from '../fault.ts';

/** The daemons of some nodes hang: they take connections, and never answer. Worse than dead: nobody starts them again. */
export default defineFault<{ container?: string }>({
  ...signalling,
  summary: "stops the processes of a DaemonSet's pods on selected nodes (STOP) through exec, and lets them go on (CONT) when it is undone",
  schema: z.strictObject({
    container: z.string().min(1).optional().describe("Which container; the pod's first when left out"),
  }),
  selects: daemonSelects,
  needs: ['kubernetes'],

  async plan(spec, { inventory, rng, world }) {
    const daemons = pickDaemons(spec, { inventory, rng });
    return planSignals(daemons, { ...spec, signal: 'STOP' }, world, ` on ${daemons.map(({ node }) => node).join(', ')}`);
  },
});
