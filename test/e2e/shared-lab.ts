import { labReset } from '../../lab/index.ts';
import { expectExit, firedrill } from './firedrill.ts';

interface SharedLab {
  readonly name: string;
  readonly flags: readonly string[];
  up: Promise<unknown> | undefined;
}

const plain: SharedLab = { name: `e2e-${process.pid}`, flags: [], up: undefined };
const withKubernetes: SharedLab = { name: `e2e-kube-${process.pid}`, flags: ['--kubernetes'], up: undefined };
const withSpecimen: SharedLab = { name: `e2e-specimen-${process.pid}`, flags: ['--specimen'], up: undefined };
const all = [plain, withKubernetes, withSpecimen];

/** The one lab that the tests of this process share, whole again and without sabotage. */
export const sharedLab = (): Promise<string> => only(plain);

/** The same, with a Kubernetes cluster. */
export const sharedKubernetesLab = (): Promise<string> => only(withKubernetes);

/** The same, with linkerd and the services of the specimen on it. */
export const sharedSpecimenLab = (): Promise<string> => only(withSpecimen);

/** For a test that has a lab of its own. */
export const noSharedLab = (): Promise<unknown> => Promise.all(all.map(down));

/** Only one of them is up at a time: what one does must not be measured beside another. */
async function only(lab: SharedLab): Promise<string> {
  await Promise.all(all.filter((other) => other !== lab).map(down));
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
