import type { Image } from './image.ts';

/** The host's shell and all that is in its /usr. */
export const shell: Image = {
  name: 'docker.io/library/busybox',
  entrypoint: [],
  command: ['sh'],
  env: {},
  files: {},
  sizeBytes: 2_213_888,
};
