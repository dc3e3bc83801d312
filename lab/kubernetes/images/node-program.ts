import { paths } from '../../world/mounts.ts';
import type { Image } from './image.ts';
import { underInit } from './init.ts';

const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

/**
 * An image whose program is one of the lab's own, run by the lab's Node. It sees all at the places where the machines have it:
 * what Node has compiled once is found again by its path.
 *
 * @param program its path below lab/, without an ending
 */
export const nodeProgram = (name: string, program: string): Image => ({
  name,
  // A small heap: two dozen of these run on one computer.
  entrypoint: [...underInit.entrypoint, paths.node, '--disable-warning=ExperimentalWarning', '--max-semi-space-size=1', `${paths.app}/lab/${program}${extension}`],
  command: [],
  env: { NODE_NO_WARNINGS: '1', NODE_COMPILE_CACHE: paths.cache },
  files: underInit.files,
  mounts: [paths.node, paths.app, paths.cache].map((path) => ({ source: path, target: path })),
  sizeBytes: 120_000_000,
});
