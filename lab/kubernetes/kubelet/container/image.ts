import { findImage, pullError, type Image } from '../../images/index.ts';
import { pause } from '../pause.ts';
import type { ContainerParts } from './host.ts';
import { shownEndedMs } from './view.ts';

/** Waits, ever longer, for an image that doesn't come. Undefined when the container was stopped meanwhile. */
export async function awaitImage({ spec, host, ending, tell, show }: ContainerParts): Promise<Image | undefined> {
  const reference = spec.image ?? '';
  const { timing } = host.context;
  const found = findImage(reference);
  if (found) {
    tell('Normal', 'Pulled', `Container image "${reference}" already present on machine and can be accessed by the pod`);
    return found;
  }
  for (let backoffMs = timing.backoffMs; !ending.aborted; backoffMs = Math.min(backoffMs * 2, timing.longestBackoffMs)) {
    const reason = pullError(reference);
    if (spec.imagePullPolicy === 'Never') {
      const message = `Container image "${reference}" is not present with pull policy of Never`;
      tell('Warning', 'ErrImageNeverPull', message);
      show({ state: { waiting: { reason: 'ErrImageNeverPull', message } } });
      await pause(backoffMs, ending);
      continue;
    }
    tell('Normal', 'Pulling', `Pulling image "${reference}"`);
    tell('Warning', 'Failed', `Failed to pull image "${reference}": ${reason}`);
    tell('Warning', 'Failed', 'Error: ErrImagePull');
    show({ state: { waiting: { reason: 'ErrImagePull', message: reason } } });
    await pause(shownEndedMs, ending);
    if (ending.aborted) break;
    tell('Normal', 'BackOff', `Back-off pulling image "${reference}"`);
    tell('Warning', 'Failed', 'Error: ImagePullBackOff');
    show({ state: { waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image "${reference}": ErrImagePull: ${reason}` } } });
    await pause(backoffMs, ending);
  }
  return undefined;
}
