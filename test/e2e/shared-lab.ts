import { expectExit, firedrill } from './firedrill.ts';

interface SharedLab {
  readonly name: string;
  readonly flags: readonly string[];
  up: Promise<unknown> | undefined;
}

const plain: SharedLab = { name: `e2e-${process.pid}`, flags: [], up: undefined };
const withKubernetes: SharedLab = { name: `e2e-kube-${process.pid}`, flags: ['--kubernetes'], up: undefined };

/** The one lab that the end-to-end tests of this process share, whole again and without sabotage. */
export const sharedLab = (): Promise<string> => whole(plain);

/** The same, with a Kubernetes cluster. */
export const sharedKubernetesLab = (): Promise<string> => whole(withKubernetes);

async function whole(lab: SharedLab): Promise<string> {
  if (lab.up) {
    await lab.up;
    await expectExit(0, 'lab', 'reset', '--lab', lab.name);
  } else {
    lab.up = expectExit(0, 'lab', 'up', '--lab', lab.name, ...lab.flags);
    await lab.up;
  }
  return lab.name;
}

after(async function () {
  this.timeout('60s');
  for (const { name, up } of [plain, withKubernetes]) if (up) await firedrill('lab', 'down', '--lab', name);
});
