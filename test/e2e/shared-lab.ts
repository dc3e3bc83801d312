import { labReset } from '../../lab/index.ts';
import { expectExit, firedrill } from './firedrill.ts';

interface SharedLab {
  readonly name: string;
  readonly flags: readonly string[];
  up: Promise<unknown> | undefined;
}

const plain: SharedLab = { name: `e2e-${process.pid}`, flags: [], up: undefined };
const withKubernetes: SharedLab = { name: `e2e-kube-${process.pid}`, flags: ['--kubernetes'], up: undefined };

/** The one lab that the tests of this process share, whole again and without sabotage. */
export const sharedLab = (): Promise<string> => only(plain, withKubernetes);

/** The same, with a Kubernetes cluster. */
export const sharedKubernetesLab = (): Promise<string> => only(withKubernetes, plain);

/** For a test that has a lab of its own. */
export const noSharedLab = (): Promise<unknown> => Promise.all([plain, withKubernetes].map(down));

/** Only one of the two is up at a time: what one does must not be measured beside the other. */
async function only(lab: SharedLab, other: SharedLab): Promise<string> {
  await down(other);
  if (lab.up) {
    await lab.up;
    await labReset(lab.name);
  } else {
    lab.up = expectExit(0, 'lab', 'up', '--lab', lab.name, ...lab.flags);
    await lab.up;
  }
  return lab.name;
}

async function down(lab: SharedLab): Promise<void> {
  if (!lab.up) return;
  lab.up = undefined;
  await firedrill('lab', 'down', '--lab', lab.name);
}

/** Loaded by `.mocharc.json`: with it a lab ends with the tests that share it. */
export const mochaHooks = {
  async afterAll(this: Mocha.Context): Promise<void> {
    this.timeout('60s');
    await noSharedLab();
  },
};
