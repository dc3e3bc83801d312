import type { Image } from './image.ts';

/** The host's etcd, which the lab needs anyway. */
export const etcd: Image = {
  name: 'quay.io/coreos/etcd',
  entrypoint: [],
  command: ['etcd'],
  env: {},
  files: {},
  sizeBytes: 21_000_000,
};
