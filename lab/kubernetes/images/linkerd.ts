import { nodeProgram } from './node-program.ts';

/** The stand-in for linkerd 1.x. */
export const linkerd = nodeProgram('lab/linkerd', 'specimen/linkerd/main');
