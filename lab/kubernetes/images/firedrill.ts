import { paths } from '../../world/mounts.ts';
import type { Image } from './image.ts';

const node = '/opt/firedrill/node';
const app = '/opt/firedrill/app';

/** This very firedrill, for what of it runs in the cluster. */
export const firedrill: Image = {
  name: 'firedrill/firedrill',
  entrypoint: [node, `${app}/cli/main.js`],
  command: [],
  env: { NODE_NO_WARNINGS: '1' },
  files: {},
  mounts: [
    { source: paths.node, target: node },
    { source: paths.app, target: app },
  ],
  sizeBytes: 250_000_000,
};
