import { z } from 'zod';
import { signalNames, type SignalName } from '../container-processes.ts';
import { planSignals, signalling } from '../container-signalling.ts';
import { defineFault } from '../fault.ts';
import { clusterOf, matchPods, podSelects, requireOnCluster } from '../pod-selection.ts';
import { pickFrom } from '../select.ts';

/** A process that hangs (STOP), or is told something. The pod stays. */
export default defineFault<{ signal: SignalName; container?: string }>({
  ...signalling,
  summary: "sends a signal to a container's first process through exec (STOP and KILL to those under it), and CONT when it is undone",
  schema: z.strictObject({
    signal: z.enum(signalNames).default('STOP').describe('STOP (when left out; undone by CONT), TERM, KILL, INT, HUP, QUIT, USR1, USR2'),
    container: z.string().min(1).optional().describe("Which container; the pod's first when left out"),
  }),
  selects: podSelects,
  needs: ['kubernetes'],

  async plan(spec, { inventory, rng, world }) {
    const select = spec.select ?? {};
    const picked = pickFrom(matchPods(clusterOf(inventory, spec.id), select), select.pick ?? 'all', rng);
    requireOnCluster(picked, spec, 'pod', inventory);
    return planSignals(picked, spec, world);
  },
});
