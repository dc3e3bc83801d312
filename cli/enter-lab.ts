import { labEnvironmentFile, requireLab } from '../lab/index.ts';
import { stepInside, steppedInto } from './inside.ts';

/**
 * Steps into a lab as soon as its name is known: what is loaded outside is loaded once more inside, and takes longer than all
 * else. Returns when this process is inside already.
 *
 * @throws LabError when it isn't up
 */
export async function enterLab(name: string): Promise<void> {
  if (steppedInto() !== undefined) return;
  stepInside({ name: `lab-${name}`, enter: requireLab(name).process }, await labEnvironmentFile(name));
}
